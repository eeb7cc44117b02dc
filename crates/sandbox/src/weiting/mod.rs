//! 微厅: what it remembers, its operations, and the two pages that stand in for 微信's consent.

pub(crate) mod access_token;
pub(crate) mod authorize_url;
pub(crate) mod bound_user;
pub(crate) mod consent;
pub(crate) mod login_report;
pub(crate) mod mobile_by_ticket;
pub(crate) mod openid_by_code;
pub(crate) mod order_report;
pub(crate) mod prize_notice;
mod report;
pub(crate) mod state;
