//! Runs the built `weifen` as a user would: against a sandbox, and against servers whose answers no sandbox gives.

mod config;
mod configuration;
mod demo;
mod doctor;
mod exit_codes;
mod faults;
mod fensi;
mod inbox;
mod inbox_book;
mod inbox_database;
mod needs_redis;
mod network;
mod output;
mod push;
mod qrcode;
mod sandbox;
mod secrets;
mod serve;
mod sign;
mod support;
mod token;
mod token_processes;
mod token_watch;
mod usage;
mod weiting;
