//! Made-up values that look like the vendors' and are the same on every run: the `n`th of a kind is a digest of both.

use md5::{Digest, Md5};

pub(crate) fn digest(kind: &str, n: u64) -> [u8; 16] {
    Md5::digest(format!("weifen-sandbox {kind} {n}")).into()
}

pub(crate) fn hex(kind: &str, n: u64) -> String {
    hex::encode(digest(kind, n))
}
