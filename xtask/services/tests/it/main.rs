//! The servers that tests start: they answer, stop and restart, and a missing program gives a helpful error.

mod needs_postgres;
mod needs_redis;
mod program;
mod programs;
