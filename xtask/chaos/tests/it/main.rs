//! The chaos run: half a minute of it, and that it would see what a client does wrong.

mod run;
mod usage;
