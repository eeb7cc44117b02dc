//! A key of the configuration: its type, default and meaning. All pages, schemas and messages derive from it.

use std::fmt::Write as _;

/// A section of the file.
pub(super) struct Section {
    pub(super) name: &'static str,
    /// One sentence, in Markdown.
    pub(super) doc: &'static str,
    /// The same in Chinese.
    pub(super) zh: &'static str,
    /// True for a list of tables `[[NAME]]`, any number of times, which only the file can give.
    pub(super) repeats: bool,
}

/// A key.
pub(super) struct Key {
    /// `section.name`.
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) default: Preset,
    /// Meaning of the key: sentences in Markdown, without the default.
    pub(super) doc: &'static str,
    /// The same in Chinese.
    pub(super) zh: &'static str,
}

/// The type of a value, with the checks that need no other key.
pub(super) enum Kind {
    Text,
    /// One of a few words.
    Word(&'static [&'static str]),
    Integer {
        least: i64,
        most: i64,
        unit: &'static str,
    },
    /// One of a few numbers.
    Number(&'static [i64]),
    Boolean,
    Texts,
    /// A list of some of these words.
    Words(&'static [&'static str]),
    Networks,
    Path,
    /// A secret itself. Its other form is the key with `_file` behind it.
    Secret,
    /// The file of a secret; `-` is stdin.
    SecretFile,
    /// The URL to which a vendor's paths are appended.
    BaseUrl,
    /// A URL that may hold a password.
    Url,
    /// The path of a URL.
    UrlPath,
    /// An IP address and a port.
    Address,
    TokenStore,
    Database,
}

/// The value of a key that is set nowhere.
pub(super) enum Preset {
    /// No value; the words describe the effect, in English and in Chinese.
    None(&'static str, &'static str),
    Text(&'static str),
    Integer(i64),
    Boolean(bool),
    /// An empty list; the words describe the effect, in English and in Chinese.
    Empty(&'static str, &'static str),
}

impl Section {
    /// The line that begins it in the file.
    pub(super) fn heading(&self) -> String {
        if self.repeats { format!("[[{}]]", self.name) } else { format!("[{}]", self.name) }
    }
}

impl Key {
    pub(super) fn section(&self) -> &'static str {
        self.name.rsplit_once('.').map_or("", |(section, _)| section)
    }

    /// The name within its section.
    pub(super) fn short(&self) -> &'static str {
        self.name.rsplit_once('.').map_or(self.name, |(_, short)| short)
    }

    /// `weiting.appid` is `WEIFEN_WEITING_APPID`.
    pub(super) fn variable(&self) -> String {
        format!("WEIFEN_{}", self.name.replace('.', "_").to_uppercase())
    }

    /// The default as TOML; an empty text where there is none.
    pub(super) fn default_toml(&self) -> String {
        match self.default {
            Preset::None(..) => "\"\"".to_owned(),
            Preset::Text(text) => format!("\"{text}\""),
            Preset::Integer(number) => number.to_string(),
            Preset::Boolean(truth) => truth.to_string(),
            Preset::Empty(..) => "[]".to_owned(),
        }
    }

    /// Words for the absence of a default, or for an empty one.
    pub(super) fn without(&self) -> Option<&'static str> {
        match self.default {
            Preset::None(words, _) | Preset::Empty(words, _) => Some(words),
            Preset::Text(_) | Preset::Integer(_) | Preset::Boolean(_) => None,
        }
    }

    /// The same words in Chinese.
    pub(super) fn without_in_chinese(&self) -> Option<&'static str> {
        match self.default {
            Preset::None(_, words) | Preset::Empty(_, words) => Some(words),
            Preset::Text(_) | Preset::Integer(_) | Preset::Boolean(_) => None,
        }
    }
}

impl Kind {
    /// The unit of a number.
    pub(super) fn unit(&self) -> Option<&'static str> {
        match self {
            Self::Integer { unit, .. } => Some(unit),
            _ => None,
        }
    }

    /// Description of a right value, to follow on "expected".
    pub(super) fn expected(&self) -> String {
        match self {
            Self::Text | Self::Path | Self::Secret | Self::SecretFile => "a text in quotes".to_owned(),
            Self::Word(words) => format!("one of {}", words.join(", ")),
            Self::Integer { least, most, .. } => format!("a whole number from {least} to {most}"),
            Self::Number(numbers) => {
                let mut all = String::new();
                for (at, number) in numbers.iter().enumerate() {
                    let before = if at == 0 { "" } else { " or " };
                    // Writing to a String can't fail.
                    let _ = write!(all, "{before}{number}");
                }
                all
            }
            Self::Boolean => "true or false".to_owned(),
            Self::Texts => "a list of texts".to_owned(),
            Self::Words(words) => format!("a list of some of {}", words.join(", ")),
            Self::Networks => "a list of IP addresses or networks, such as 192.0.2.0/24".to_owned(),
            Self::BaseUrl => {
                "an http or https URL with no user, query or fragment, such as https://example.com".to_owned()
            }
            Self::Url => "an http or https URL".to_owned(),
            Self::UrlPath => "a path that begins with /, is percent-encoded and has no query".to_owned(),
            Self::Address => "an IP address and a port, such as 127.0.0.1:8320".to_owned(),
            Self::TokenStore => "memory, file:PATH or redis://HOST".to_owned(),
            Self::Database => "sqlite:PATH or postgres://HOST/DATABASE".to_owned(),
        }
    }
}
