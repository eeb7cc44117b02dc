//! `weifen fensi …`: one file a command.

pub(crate) mod cities;
pub(crate) mod push;
pub(crate) mod qrcode;
pub(crate) mod scenes;
