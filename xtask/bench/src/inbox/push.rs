//! The pushes of the load, one for each user, all of one length.

pub(super) const DEVELOPER: &str = "jbh200453e0488d6";
pub(super) const KEY: &str = "2c6d54a34e8b4d83";
pub(super) const ACCOUNT: &str = "wx5e0b8bd2f1a4c7d9";
/// Secret in the path; it is valid in this bench only.
pub(super) const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// Returns a user's name. Names that follow each other are not alike, as the platform's are not.
pub(super) fn user(number: u64) -> String {
    format!("oQx1Wv{:020}", number.wrapping_mul(0x9E37_79B9_7F4A_7C15))
}

/// Returns a push as documented, without the trailing comma.
pub(super) fn body(number: u64) -> String {
    format!(
        r#"{{"server_url":"http://partner.example/push","key":"{KEY}","develop_appid":"{DEVELOPER}","auth_open_id":"{}","bidding":90,"appid":"{ACCOUNT}","appname":"some account","openid":"oPb2Hq{number:020}","nickname":"nick"}}"#,
        user(number)
    )
}

pub(super) fn request(number: u64) -> String {
    let body = body(number);
    let length = body.len();
    format!(
        "POST /push/{SECRET} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}
