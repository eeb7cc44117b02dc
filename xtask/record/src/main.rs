//! Rewrites the recorded cassettes.

fn main() {}
