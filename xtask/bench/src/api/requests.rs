//! Requests of the load.

use crate::call::order::{ORDER, QUERY};

/// Key of the only caller; it is valid in this bench only.
pub(super) const KEY: &str = "0123456789abcdef0123456789abcdef";

/// Asks the vendor for a user.
pub(super) fn to_vendor(_: u64) -> String {
    format!("GET /user?openid={}&{QUERY} HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: application/json\r\n\r\n", ORDER.openid)
}

/// Asks the API for the same user.
pub(super) fn user(_: u64) -> String {
    format!("GET /v1/weiting/users/{} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {KEY}\r\n\r\n", ORDER.openid)
}

/// Reports an order to the API, under a key of its own.
pub(super) fn order_report(number: u64) -> String {
    let body = format!(
        r#"{{"openid":"{}","deviceno":"{}","traffic_package_name":"{}"}}"#,
        ORDER.openid, ORDER.device_no, ORDER.package
    );
    let length = body.len();
    format!(
        "POST /v1/weiting/order-reports HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {KEY}\r\n\
         idempotency-key: order-{number}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}
