//! Canaries: a distinct text for each secret that must never be printed.

use std::fmt;

use clap::ValueEnum;
use md5::{Digest, Md5};

/// A secret that must never be printed.
#[expect(clippy::enum_variant_names, reason = "some are secrets by name")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Secret {
    WeitingSecret,
    AppSecret,
    PushSecret,
    DeliverSecret,
    DeliverUrl,
    DatabasePassword,
    RedisPassword,
    ProxyPassword,
    AccessToken,
    Code,
    Ticket,
    VerificationCode,
    State,
    DeviceNo,
    Mobile,
    BoundMobile,
    BoundName,
    First,
    Activity,
    Prize,
    Remark,
    NoticeUrl,
    Package,
    Operators,
    Qcellcore,
    Nickname,
    QrcodeState,
    Extra,
    PushName,
    PushState,
    Reference,
    /// The words of a consumer that did not take an event.
    AckError,
    /// Signature by MD5 over the app secret; its values are known only once sent. It must be the last variant.
    Signature,
}

/// All secrets whose text is known before anything is sent.
pub(crate) fn planted() -> &'static [Secret] {
    let all = Secret::value_variants();
    &all[..all.len() - 1]
}

/// The letters of canaries: none begins a number or an escape, and none is a, e, i, o or u, so that no word matches.
const LETTERS: &[u8; 16] = b"ghjkmnpqrstvwxyz";

impl Secret {
    /// Returns two runs of letters, which no escaping changes; one reveals the value. A number has one run of digits.
    pub(crate) fn parts(self) -> Vec<String> {
        let digest = Md5::digest(format!("{self:?}"));
        if self.is_number() {
            let digits = digest[..8].iter().map(|byte| char::from(b'0' + byte % 10));
            return vec!["189".chars().chain(digits).collect()];
        }
        let letters = |bytes: &[u8]| {
            bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|n| char::from(LETTERS[usize::from(n)])).collect()
        };
        vec![letters(&digest[..7]), letters(&digest[7..14])]
    }

    /// Returns the planted text. Between its parts it has characters that encodings write differently.
    pub(crate) fn value(self) -> String {
        let parts = self.parts();
        match self {
            Self::DeviceNo | Self::Mobile | Self::BoundMobile => parts[0].clone(),
            Self::PushSecret | Self::DatabasePassword | Self::RedisPassword | Self::ProxyPassword => parts.join("_-"),
            // Its letters must be base64.
            Self::DeliverSecret => format!("whsec_{}", parts.concat()),
            Self::DeliverUrl | Self::State | Self::NoticeUrl => {
                format!("http://127.0.0.1:9/{}?at=%2F{}", parts[0], parts[1])
            }
            // These refuse white space and control characters.
            Self::WeitingSecret
            | Self::AppSecret
            | Self::AccessToken
            | Self::Code
            | Self::Ticket
            | Self::QrcodeState
            | Self::PushState
            | Self::Reference => parts.join("/+=\"%é&"),
            _ => parts.join(" /+=\"%é\\&\u{1b}'<"),
        }
    }

    const fn is_number(self) -> bool {
        matches!(self, Self::DeviceNo | Self::Mobile | Self::BoundMobile)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::planted;

    #[test]
    fn no_two_canaries_share_a_part() {
        let parts: Vec<String> = planted().iter().flat_map(|secret| secret.parts()).collect();
        assert_eq!(parts.iter().collect::<BTreeSet<_>>().len(), parts.len());
    }
}
