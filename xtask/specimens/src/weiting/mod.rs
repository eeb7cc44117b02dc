//! 微厅.

pub(crate) mod access_token;
pub(crate) mod authorize_url;
pub(crate) mod bound_user;
pub(crate) mod login_report;
pub(crate) mod mobile_by_ticket;
pub(crate) mod openid_by_code;
pub(crate) mod order_report;
pub(crate) mod prize_notice;
