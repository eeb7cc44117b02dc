//! The chaos run: half a minute of it, and proof that it detects a client's faults.

mod run;
mod usage;
