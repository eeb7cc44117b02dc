//! The list of values that a cassette of a live vendor may keep.

use weifen_proto::{Entry, KnownRefusal, Path, Shape};

/// List of the values that a live cassette keeps; every other value is replaced by a placeholder.
///
/// Each vendor's crate defines one list. Names, paths and refusal messages come from its operations. The rest is
/// listed: texts of the vendor's document, and the places of small integers such as codes. A place is a JSON path
/// without list positions, such as `data.id`, or a parameter's name.
#[derive(Debug, Clone, Default)]
pub struct Allowed {
    names: Vec<&'static str>,
    texts: Vec<&'static str>,
    texts_at: Vec<(&'static str, &'static str)>,
    paths: Vec<&'static str>,
    integers_of_requests: Vec<&'static str>,
    integers_of_replies: Vec<&'static str>,
}

/// Bound of the integers that may be kept: longer ones may identify people or things.
const SMALL: i64 = 100_000;

/// Half of an exchange.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Half {
    Request,
    Reply,
}

impl Allowed {
    /// Keeps the structure only.
    pub fn nothing() -> Self {
        Self::default()
    }

    /// Keeps each operation's path, its parameters' names, its answer's member names and its refusals' messages.
    #[must_use]
    pub fn operations(self, operations: &[Entry]) -> Self {
        operations.iter().fold(self, |mut allowed, entry| {
            if let Path::Fixed(path) = entry.operation.path {
                allowed.paths.push(path);
            }
            allowed.names(entry.parameters).names_of(entry.shape).refusals(entry.refusals)
        })
    }

    /// Keeps the messages of these refusals.
    #[must_use]
    pub fn refusals(mut self, refusals: &[KnownRefusal]) -> Self {
        self.texts.extend(refusals.iter().map(|refusal| refusal.message));
        self
    }

    /// Keeps the names of all members of `document`.
    #[must_use]
    pub fn names_of(self, document: Shape) -> Self {
        match document {
            Shape::Object(fields) => {
                fields.iter().fold(self, |allowed, field| allowed.names(&[field.name()]).names_of(field.shape()))
            }
            Shape::Array(element) => self.names_of(*element),
            _ => self,
        }
    }

    /// Keeps these names of parameters and JSON members.
    #[must_use]
    pub fn names(mut self, names: &[&'static str]) -> Self {
        self.names.extend(names);
        self
    }

    /// Keeps these texts at any place; white space is ignored.
    #[must_use]
    pub fn texts(mut self, texts: &[&'static str]) -> Self {
        self.texts.extend(texts);
        self
    }

    /// Keeps `text` at `place`.
    #[must_use]
    pub fn text_at(mut self, place: &'static str, text: &'static str) -> Self {
        self.texts_at.push((place, text));
        self
    }

    /// Keeps this path below the base URL.
    #[must_use]
    pub fn path(mut self, path: &'static str) -> Self {
        self.paths.push(path);
        self
    }

    /// Keeps integers below 100,000 at these places of requests.
    #[must_use]
    pub fn integers_of_requests(mut self, places: &[&'static str]) -> Self {
        self.integers_of_requests.extend(places);
        self
    }

    /// Keeps integers below 100,000 at these places of replies.
    #[must_use]
    pub fn integers_of_replies(mut self, places: &[&'static str]) -> Self {
        self.integers_of_replies.extend(places);
        self
    }

    pub(super) fn keeps_name(&self, name: &str) -> bool {
        self.names.contains(&name)
    }

    pub(super) fn keeps_path(&self, path: &str) -> bool {
        self.paths.contains(&path)
    }

    pub(super) fn keeps_text(&self, half: Half, place: &str, text: &str) -> bool {
        self.keeps_everywhere(text)
            || self.keeps_path(text)
            || self.texts_at.contains(&(place, text))
            || text
                .parse()
                .is_ok_and(|integer: i64| integer.to_string() == text && self.keeps_integer(half, place, integer))
    }

    pub(super) fn keeps_everywhere(&self, text: &str) -> bool {
        self.texts.iter().any(|known| without_space(known).eq(without_space(text)))
    }

    pub(super) fn keeps_integer(&self, half: Half, place: &str, integer: i64) -> bool {
        let places = match half {
            Half::Request => &self.integers_of_requests,
            Half::Reply => &self.integers_of_replies,
        };
        integer.unsigned_abs() < SMALL.unsigned_abs() && places.contains(&place)
    }
}

fn without_space(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|c| !c.is_whitespace())
}
