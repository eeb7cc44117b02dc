//! An answer's text in other bytes: with a byte order mark, or in GBK.

use bytes::Bytes;
use encoding_rs::GBK;
use serde_json::{Value, json};

const BOM: &[u8] = b"\xEF\xBB\xBF";

pub(super) fn with_bom(body: &[u8]) -> Bytes {
    [BOM, body].concat().into()
}

/// An answer without Chinese gets a field of it: else its bytes would be the same.
pub(super) fn in_gbk(answer: &Value) -> Bytes {
    let mut text = answer.to_string();
    if text.is_ascii() {
        let mut answer = answer.clone();
        if let Some(fields) = answer.as_object_mut() {
            fields.insert("sandbox_msg".to_owned(), json!("操作成功"));
        }
        text = answer.to_string();
    }
    GBK.encode(&text).0.into_owned().into()
}
