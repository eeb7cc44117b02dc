//! Faults on purpose: one as it is asked for, the list that is set, and a reply that one of them spoils.

mod draw;
pub(crate) mod fault;
pub(crate) mod list;
pub(crate) mod mixture;
pub(crate) mod spoil;
pub(crate) mod state;
pub(crate) mod subject;
