//! The targets on stable: the corpus, the memory that answers take, and that no target is left without either harness.

mod corpus;
mod memory;
