//! Bytes in, bytes out: a request's body and parameters, a reply, and how slowly or abruptly it goes out.

pub(crate) mod body;
pub(crate) mod paced;
pub(crate) mod parameters;
pub(crate) mod reply;
pub(crate) mod socket;
