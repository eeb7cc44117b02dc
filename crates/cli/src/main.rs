//! The `weifen` command line.

fn main() {}
