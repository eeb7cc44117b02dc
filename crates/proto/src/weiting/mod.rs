//! The operations of 微厅 (weiting), Shanghai Telecom's micro-hall: one file each.

use crate::Entry;

mod access_token;
mod authorize_url;
mod bound_user;
mod callback;
mod cap;
mod envelope;
mod identifiers;
mod login_report;
mod mobile_by_ticket;
mod openid_by_code;
mod order_report;
mod prize_notice;
mod time;

pub use access_token::{AccessToken, AccessTokenRequest};
pub use authorize_url::{AuthorizeUrlRequest, Redirect};
pub use bound_user::{Account, AccountSlot, BoundUser, BoundUserRequest};
pub use envelope::{COMMON_REFUSALS, REFUSAL};
pub use identifiers::{Code, DeviceNo, Mobile, Openid, Ticket};
pub use login_report::LoginReportRequest;
pub use mobile_by_ticket::MobileByTicketRequest;
pub use openid_by_code::OpenidByCodeRequest;
pub use order_report::{OrderNumber, OrderReportRequest};
pub use prize_notice::{NoticeTexts, PrizeNoticeRequest};

/// Every operation.
pub const OPERATIONS: &[Entry] = &[
    Entry::of::<AccessTokenRequest>(),
    Entry::of::<AuthorizeUrlRequest>(),
    Entry::of::<OpenidByCodeRequest>(),
    Entry::of::<BoundUserRequest>(),
    Entry::of::<PrizeNoticeRequest>(),
    Entry::of::<LoginReportRequest>(),
    Entry::of::<OrderReportRequest>(),
    Entry::of::<MobileByTicketRequest>(),
];
