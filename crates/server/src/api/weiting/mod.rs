//! The operations of 微厅.

pub(super) mod authorize_url;
pub(super) mod login_report;
pub(super) mod mobile;
pub(super) mod openid;
pub(super) mod order_report;
pub(super) mod prize_notice;
pub(super) mod token;
pub(super) mod user;

use serde::Serialize;
use utoipa::ToSchema;

/// The vendor has done it.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct Done {
    /// Always true.
    ok: bool,
}
