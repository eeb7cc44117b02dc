//! The servers that tests start: they answer, go and come back, and what is missing is said in words.

mod needs_postgres;
mod needs_redis;
mod program;
mod programs;
