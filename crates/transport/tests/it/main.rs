//! The transport, from outside.

mod cassette;
mod cassette_file;
mod cassette_live;
