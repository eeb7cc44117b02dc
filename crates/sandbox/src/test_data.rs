//! Public test data: the credentials, users and tickets that every sandbox knows.
//!
//! None of it is secret and none of it opens anything but a sandbox. The weiting secret holds
//! characters that must be percent-encoded in a query, so that a client which forgets to is refused.

/// The partner's appid at 微厅.
pub const APPID: &str = "wxsandbox5d95395392";
/// The partner's secret at 微厅.
pub const SECRET: &str = "test+only/weiting=secret&1";
/// The partner's developer appid at 粉丝万岁 (the one of the documented example).
pub const DEVELOP_APPID: &str = "jbh200453e0488d6";
/// The partner's `app_secret` at 粉丝万岁: signed with, never sent.
pub const APP_SECRET: &str = "test-only-fensi-app-secret";
/// The key of the partner's device at 粉丝万岁 (the one of the documented example).
pub const KEY: &str = "3e3add4a720c11e9ab2100163e0488d6";

/// Path at which this sandbox answers 通过OPENID获取微信绑定用户信息, whose path the vendor does not document.
pub const USER_PATH: &str = "/service/sandbox/boundUser";

/// A 微厅 user with three bound numbers and two empty slots; the one who consents unless another is named.
pub const OPENID: &str = "oKXUCj1Fp4fNnb99liSkslcM_D-X";
/// A 微厅 user who has bound nothing: five empty slots.
pub const OPENID_UNBOUND: &str = "oKXUCj7qTn2cVb80kxRzNoBound_2";
/// A 微厅 user whose prize notices fail with 40005 推送接口异常.
pub const OPENID_PUSH_FAULT: &str = "oKXUCj3wLs6dHy41mpQePushFlt_3";
/// Every 微厅 user there is.
pub const OPENIDS: [&str; 3] = [OPENID, OPENID_UNBOUND, OPENID_PUSH_FAULT];

/// A 粉丝万岁 user for those who need one; any other `auth_open_id` works as well.
pub const AUTH_OPEN_ID: &str = "oleiaYv6i50I7ADTlmIGN4WO-2RGM";

/// A `label` that is no scene of 粉丝万岁: no account matches.
pub const LABEL_WITHOUT_ACCOUNTS: u32 = 99;

/// Tickets of APP快速入口 and the mobile numbers they answer, once each.
pub const TICKETS: [(&str, &str); 3] =
    [("sandbox-ticket-1", "17717463317"), ("sandbox-ticket-2", "18900000002"), ("sandbox-ticket-3", "18900000003")];
/// A ticket that always answers 40005 接口异常，请稍后再试.
pub const TICKET_FAULT: &str = "sandbox-ticket-fault";
