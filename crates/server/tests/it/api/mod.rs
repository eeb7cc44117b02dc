//! The HTTP API, tried by a plain client over HTTP; both vendors are the sandbox.

mod bookings;
mod callers;
mod client;
mod deliveries;
mod document;
mod events;
mod failures;
mod idempotency;
mod metrics;
mod needs_postgres;
mod operations;
mod requests;
mod secrecy;
mod service;
mod starting;
mod stream;
