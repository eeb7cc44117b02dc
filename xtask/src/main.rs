//! Fixtures, checks and services of the workspace.

fn main() {}
