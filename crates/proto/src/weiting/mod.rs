//! The operations of 微厅 (weiting), Shanghai Telecom's micro-hall: one file each.

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
pub use authorize_url::{AuthorizeUrl, Redirect};
pub use bound_user::{Account, AccountSlot, BoundUser, BoundUserRequest};
pub use identifiers::{Code, DeviceNo, Mobile, Openid, Ticket};
pub use login_report::LoginReport;
pub use mobile_by_ticket::MobileByTicket;
pub use openid_by_code::OpenidByCode;
pub use order_report::{OrderNumber, OrderReport};
pub use prize_notice::PrizeNotice;
