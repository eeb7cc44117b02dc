//! The inbox, tried as its users would.

#[cfg(unix)]
mod admission;
#[cfg(unix)]
mod another_process;
#[cfg(unix)]
mod away;
#[cfg(unix)]
mod backup;
mod dispatcher;
mod drift;
#[cfg(unix)]
mod filters;
#[cfg(unix)]
mod inspection;
mod log;
#[cfg(unix)]
mod lost;
#[cfg(unix)]
mod needs_postgres;
#[cfg(unix)]
mod no_room;
#[cfg(unix)]
mod odd_bytes;
mod once;
#[cfg(unix)]
mod opening;
#[cfg(unix)]
mod pull;
#[cfg(unix)]
mod purge;
#[cfg(unix)]
mod queue;
#[cfg(unix)]
mod readmit;
#[cfg(feature = "receiver")]
mod receiver;
#[cfg(unix)]
mod references;
#[cfg(unix)]
mod regular_files;
#[cfg(unix)]
mod restored;
mod scripted;
mod server_lock;
mod support;
#[cfg(unix)]
mod tail;
mod unsolicited;
#[cfg(unix)]
mod upgrade;
mod webhook;
mod wrong_clock;
