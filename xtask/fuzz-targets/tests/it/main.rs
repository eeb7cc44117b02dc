//! The targets on stable Rust: the corpus, the memory that answers take, and a program and a corpus for each target.

mod corpus;
mod memory;
