//! Finds canaries in bytes, in every encoding that they may have there.

use std::fmt::Write;
use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};
use anyhow::Result;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use md5::{Digest, Md5};

use crate::canary::{Secret, planted};

/// Number of bytes shown around a find.
const AROUND: usize = 60;

/// Searches for all canaries, and for the signatures that were sent.
pub(crate) struct Scanner {
    automaton: AhoCorasick,
    /// The secret and the encoding of each pattern.
    patterns: Vec<(Secret, &'static str)>,
}

/// A canary in a place where it may not be.
#[derive(Debug)]
pub(crate) struct Hit {
    pub(crate) secret: Secret,
    pub(crate) form: &'static str,
    pub(crate) offset: usize,
    /// The text around it, with every canary removed.
    pub(crate) around: String,
}

impl Scanner {
    /// Returns a scanner for all planted canaries, and for these signatures.
    ///
    /// # Errors
    /// There are too many patterns.
    pub(crate) fn new(signatures: &[String]) -> Result<Self> {
        let mut needles = Vec::new();
        for &secret in planted() {
            for part in secret.parts() {
                needles.extend(forms(part.as_bytes()).into_iter().map(|(form, needle)| (secret, form, needle)));
            }
            needles.push((secret, "MD5", hex::encode(Md5::digest(secret.value())).into_bytes()));
        }
        for signature in signatures {
            let forms = forms(signature.as_bytes())
                .into_iter()
                .chain(hex::decode(signature).ok().into_iter().flat_map(|digest| base64(&digest)));
            needles.extend(forms.map(|(form, needle)| (Secret::Signature, form, needle)));
        }
        let texts = needles.iter().map(|(_, _, needle)| needle);
        let automaton =
            AhoCorasick::builder().ascii_case_insensitive(true).match_kind(MatchKind::Standard).build(texts)?;
        Ok(Self { automaton, patterns: needles.into_iter().map(|(secret, form, _)| (secret, form)).collect() })
    }

    /// Returns all canaries in `bytes`, except those `allowed` there.
    pub(crate) fn hits(&self, bytes: &[u8], allowed: &[Secret]) -> Vec<Hit> {
        let found: Vec<(Secret, &'static str, Range<usize>)> = self
            .automaton
            .find_overlapping_iter(bytes)
            .map(|found| {
                let (secret, form) = self.patterns[found.pattern().as_usize()];
                (secret, form, found.range())
            })
            .collect();
        let hit = |(secret, form, range): &(Secret, &'static str, Range<usize>)| Hit {
            secret: *secret,
            form,
            offset: range.start,
            around: around(bytes, range, &found),
        };
        found.iter().filter(|(secret, ..)| !allowed.contains(secret)).map(hit).collect()
    }
}

/// Returns the text around `range`, with each canary replaced by its name.
fn around(bytes: &[u8], range: &Range<usize>, found: &[(Secret, &str, Range<usize>)]) -> String {
    let end = bytes.len().min(range.end + AROUND);
    let mut at = range.start.saturating_sub(AROUND);
    let mut shown = String::new();
    let mut inside: Vec<_> = found.iter().filter(|(_, _, other)| other.end > at && other.start < end).collect();
    inside.sort_by_key(|(_, _, other)| other.start);
    for (secret, _, other) in inside {
        if other.start > at {
            shown.push_str(&String::from_utf8_lossy(&bytes[at..other.start]).escape_debug().to_string());
        }
        if other.end > at {
            let _ = write!(shown, "‹{secret}›");
            at = other.end;
        }
    }
    if at < end {
        shown.push_str(&String::from_utf8_lossy(&bytes[at..end]).escape_debug().to_string());
    }
    shown
}

/// Returns the encodings of `part`. Its letters survive escaping in JSON, HTML and URLs, so plain text covers those.
fn forms(part: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let each = |write: &dyn Fn(u8) -> String, between: &str| {
        part.iter().map(|byte| write(*byte)).collect::<Vec<_>>().join(between).into_bytes()
    };
    let mut forms = vec![
        ("plain or escaped", part.to_vec()),
        ("percent-encoded", each(&|byte| format!("%{byte:02x}"), "")),
        ("hex", hex::encode(part).into_bytes()),
        ("a list of bytes", each(&|byte| byte.to_string(), ", ")),
        ("a list of bytes", each(&|byte| byte.to_string(), ",")),
        ("JSON's \\u", each(&|byte| format!("\\u{byte:04x}"), "")),
        ("UTF-16", part.iter().flat_map(|byte| [*byte, 0]).collect()),
    ];
    forms.extend(base64(part));
    forms
}

/// Base64 of `bytes` within a longer text, at each of the three alignments, without the characters that depend on the
/// bytes before and after.
fn base64(bytes: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let mut forms = Vec::new();
    for before in 0..3 {
        let text = [&vec![0; before], bytes].concat();
        let certain = (before * 8).div_ceil(6)..text.len() * 8 / 6;
        for encoded in [STANDARD_NO_PAD.encode(&text), URL_SAFE_NO_PAD.encode(&text)] {
            forms.push(("base64", encoded.as_bytes()[certain.clone()].to_vec()));
        }
    }
    forms
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use base64::engine::general_purpose::{STANDARD, URL_SAFE};
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

    use super::*;

    static SCANNER: LazyLock<Scanner> =
        LazyLock::new(|| Scanner::new(&[hex::encode(Md5::digest("a signature"))]).unwrap());

    fn forms_found(text: impl AsRef<[u8]>) -> Vec<(Secret, &'static str)> {
        SCANNER.hits(text.as_ref(), &[]).into_iter().map(|hit| (hit.secret, hit.form)).collect()
    }

    #[test]
    fn every_canary_is_found_in_every_encoding() {
        for &secret in planted() {
            let value = secret.value();
            let in_base64 = |before: &str| {
                let text = format!("{before}{value}.");
                [STANDARD.encode(&text), URL_SAFE.encode(&text)].map(|text| (text, "base64"))
            };
            let mut written = vec![
                (value.clone(), "plain or escaped"),
                (value.to_uppercase(), "plain or escaped"),
                (serde_json::to_string(&value).unwrap(), "plain or escaped"),
                (format!("{value:?}"), "plain or escaped"),
                (utf8_percent_encode(&value, NON_ALPHANUMERIC).to_string(), "plain or escaped"),
                (url::form_urlencoded::byte_serialize(value.as_bytes()).collect(), "plain or escaped"),
                (value.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat(), "percent-encoded"),
                (hex::encode(&value), "hex"),
                (hex::encode_upper(&value), "hex"),
                (format!("{:?}", value.as_bytes()), "a list of bytes"),
                (serde_json::to_string(value.as_bytes()).unwrap(), "a list of bytes"),
                (value.encode_utf16().map(|unit| format!("\\u{unit:04X}")).collect::<Vec<_>>().concat(), "JSON's \\u"),
                (hex::encode(Md5::digest(&value)), "MD5"),
            ];
            written.extend(["", "x", "xy", "xyz"].into_iter().flat_map(in_base64));
            for (text, form) in written {
                let found = forms_found(format!("before {text} behind"));
                assert!(found.contains(&(secret, form)), "{secret} as {form}: {found:?}");
            }
        }
    }

    #[test]
    fn a_signature_is_found_as_text_and_as_bytes() {
        let digest = Md5::digest("a signature");
        assert!(!forms_found(hex::encode(digest)).is_empty());
        assert!(!forms_found(format!("x{}", STANDARD.encode(digest))).is_empty());
    }

    #[test]
    fn innocent_text_holds_none_and_what_is_allowed_is_none() {
        assert!(forms_found(include_str!("scanner.rs")).is_empty());
        let scanner = Scanner::new(&[]).unwrap();
        assert!(scanner.hits(Secret::Code.value().as_bytes(), &[Secret::Code]).is_empty());
    }

    #[test]
    fn a_find_is_shown_without_the_canary() {
        let scanner = Scanner::new(&[]).unwrap();
        let text = format!("GET /x?code={} HTTP/1.1", Secret::Code.value());
        let hits = scanner.hits(text.as_bytes(), &[]);
        assert_eq!((hits[0].secret, hits[0].offset), (Secret::Code, 12));
        assert!(hits[0].around.starts_with("GET /x?code=‹Code›/+="), "{}", hits[0].around);
        assert!(Secret::Code.parts().iter().all(|part| !hits[0].around.contains(part)));
    }
}
