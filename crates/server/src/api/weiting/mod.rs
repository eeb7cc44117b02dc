//! The operations of 微厅.

pub(super) mod authorize_url;
pub(super) mod mobile;
pub(super) mod openid;
pub(super) mod token;
pub(super) mod user;
