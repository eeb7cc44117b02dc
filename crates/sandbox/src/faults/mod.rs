//! What goes wrong on purpose: a fault as it is asked for, the list that is set, and what a fault makes of a reply.

mod draw;
pub(crate) mod fault;
pub(crate) mod list;
pub(crate) mod mixture;
pub(crate) mod spoil;
pub(crate) mod state;
pub(crate) mod subject;
