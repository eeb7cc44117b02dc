//! What is planted: a text of its own for each thing that must never be printed.

use std::fmt;

use clap::ValueEnum;
use md5::{Digest, Md5};

/// A thing that must never be printed.
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
    /// Made of the app secret by MD5; what it is, only who receives it knows. It stands last.
    Signature,
}

/// All that have a text before anything is sent.
pub(crate) fn planted() -> &'static [Secret] {
    let all = Secret::value_variants();
    &all[..all.len() - 1]
}

/// The letters of canaries: none that a number or an escape could begin with, and few vowels, so that no word is met.
const LETTERS: &[u8; 16] = b"ghjkmnpqrstvwxyz";

impl Secret {
    /// Two runs of letters: no escaping changes them, and one is enough to give a value away. A number has one of digits.
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

    /// What is planted. Between its parts stands what each encoding writes in its own way.
    pub(crate) fn value(self) -> String {
        let parts = self.parts();
        match self {
            Self::DeviceNo | Self::Mobile | Self::BoundMobile => parts[0].clone(),
            Self::PushSecret | Self::DatabasePassword | Self::RedisPassword | Self::ProxyPassword => parts.join("_-"),
            // Its letters are base64.
            Self::DeliverSecret => format!("whsec_{}", parts.concat()),
            Self::DeliverUrl | Self::State | Self::NoticeUrl => {
                format!("http://127.0.0.1:9/{}?at=%2F{}", parts[0], parts[1])
            }
            // White space or control characters are refused in these.
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
