//! `weifen weiting …`: one file a command.

pub(crate) mod authorize_url;
pub(crate) mod login_report;
pub(crate) mod mobile;
pub(crate) mod notify;
pub(crate) mod openid;
pub(crate) mod order_report;
pub(crate) mod token;
pub(crate) mod user;
