//! What the tests share: the built program in a folder of its own, a sandbox, a server of
//! raw bytes, and an authority for encrypted ones.

mod authority;
mod inbox_file;
mod program;
mod running;
mod sandbox;
mod server;
mod shared_store;

pub(crate) use authority::Authority;
pub(crate) use inbox_file::{InboxFile, push};
pub(crate) use program::{Ended, Program};
pub(crate) use running::Running;
pub(crate) use sandbox::Sandboxed;
pub(crate) use server::{Reply, Server, TOKEN};
pub(crate) use shared_store::SharedStore;
pub(crate) use weifen::transport::testing::{Connection, RawRequest, RawServer};

/// The environment's variables by which many programs find a proxy.
pub(crate) const PROXIES: [&str; 6] =
    ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];

/// Every operation's command with values that are right, and the name of the operation.
pub(crate) const CALLS: [(&str, &[&str]); 11] = [
    ("access_token", &["weiting", "token"]),
    ("authorize_url", &["weiting", "authorize-url", "--state", "http://h/back"]),
    ("openid_by_code", &["weiting", "openid", "--code", "CODE"]),
    ("bound_user", &["weiting", "user", "--openid", "OPENID"]),
    (
        "prize_notice",
        &[
            "weiting",
            "notify",
            "--openid",
            "O",
            "--first",
            "F",
            "--activity",
            "A",
            "--prize",
            "P",
            "--remark",
            "R",
            "--url",
            "http://h/",
        ],
    ),
    ("login_report", &["weiting", "login-report", "--openid", "O", "--deviceno", "18900000000"]),
    ("order_report", &["weiting", "order-report", "--openid", "O", "--deviceno", "18900000000", "--package", "1G"]),
    ("mobile_by_ticket", &["weiting", "mobile", "--ticket", "T"]),
    ("qrcode", &["fensi", "qrcode", "--auth-open-id", "U", "--nickname", "N", "--sex", "0", "--ip", "183.13.188.125"]),
    ("scenes", &["fensi", "scenes"]),
    ("cities", &["fensi", "cities"]),
];

/// The command of an operation.
pub(crate) fn call(operation: &str) -> &'static [&'static str] {
    CALLS.iter().find(|(name, _)| *name == operation).unwrap().1
}
