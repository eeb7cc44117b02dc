//! Pushes as the vendor writes them, and what must come out of them.

use serde_json::{Value, json};

use super::client::{FORM, JSON};

/// All fields of a push of `user`, by their names on the wire.
pub(super) fn data(user: &str) -> Value {
    json!({
        "key": "fs-key",
        "develop_appid": "fs-appid",
        "auth_open_id": user,
        "bidding": 90,
        "appid": "wx-account",
        "appname": "七彩东莞",
        "openid": format!("o-{user}"),
        "nickname": format!("nick-{user}"),
    })
}

/// As the vendor documents it, with the comma at its end.
pub(super) fn json(user: &str) -> String {
    let text = data(user).to_string();
    format!("{},}}", text.strip_suffix('}').unwrap())
}

/// The same as a form.
fn form(user: &str) -> String {
    let data = data(user);
    let fields = data
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str().map_or_else(|| value.to_string(), str::to_owned)));
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// The `nth` copy of a user's push: its content type and body.
pub(super) fn copy(user: &str, nth: u64) -> (&'static str, String) {
    if nth.is_multiple_of(2) { (JSON, json(user)) } else { (FORM, form(user)) }
}
