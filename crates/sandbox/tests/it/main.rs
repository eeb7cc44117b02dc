//! A partner's client of its own, without our SDK, against the sandbox.

mod consent;
mod control;
mod faults;
mod fensi;
mod hostile;
mod life;
mod order_of_checks;
mod outgoing;
mod packet;
mod partner;
mod pool;
mod push;
mod receiver;
mod release;
mod token;
mod weiting;
