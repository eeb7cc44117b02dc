//! `weifen doctor` as a user runs it: its report when all is well and for each fault. It changes nothing, calls nobody
//! and prints no secret.

mod api;
mod clinic;
mod configuration;
mod database;
mod deliveries;
mod encrypted;
mod listeners;
mod needs_postgres;
mod needs_redis;
mod ours;
mod push;
mod secrecy;
mod secrets;
mod token;
mod vendors;
mod well;
