//! What a cassette made against a live vendor may keep as it is.

use weifen_proto::{Entry, KnownRefusal, Path, Shape};

/// What may stay in a live cassette; every other value is replaced.
///
/// A vendor's crate states it once. Names, paths and the words of refusals come from its operations; what else may stay is
/// listed: texts of its document, and the places where small integers say what kind of answer it is. A place is a JSON path without list positions, such as `data.id`, or a parameter's name.
#[derive(Debug, Clone, Default)]
pub struct Allowed {
    names: Vec<&'static str>,
    texts: Vec<&'static str>,
    texts_at: Vec<(&'static str, &'static str)>,
    paths: Vec<&'static str>,
    integers_of_requests: Vec<&'static str>,
    integers_of_replies: Vec<&'static str>,
}

/// Integers of more digits are never kept: they may be numbers of people and things.
const SMALL: i64 = 100_000;

/// Which half of an exchange a value stands in.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Half {
    Request,
    Reply,
}

impl Allowed {
    /// Nothing but the structure.
    pub fn nothing() -> Self {
        Self::default()
    }

    /// The path of each of these operations, the names of its parameters and of its answer's members, and the words of its
    /// refusals.
    #[must_use]
    pub fn operations(self, operations: &[Entry]) -> Self {
        operations.iter().fold(self, |mut allowed, entry| {
            if let Path::Fixed(path) = entry.operation.path {
                allowed.paths.push(path);
            }
            allowed.names(entry.parameters).names_of(entry.shape).refusals(entry.refusals)
        })
    }

    /// The words of these refusals.
    #[must_use]
    pub fn refusals(mut self, refusals: &[KnownRefusal]) -> Self {
        self.texts.extend(refusals.iter().map(|refusal| refusal.message));
        self
    }

    /// The names of a document's members.
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

    /// These names of parameters and JSON members.
    #[must_use]
    pub fn names(mut self, names: &[&'static str]) -> Self {
        self.names.extend(names);
        self
    }

    /// These texts, wherever they stand, whatever white space is in them.
    #[must_use]
    pub fn texts(mut self, texts: &[&'static str]) -> Self {
        self.texts.extend(texts);
        self
    }

    /// This text at this place.
    #[must_use]
    pub fn text_at(mut self, place: &'static str, text: &'static str) -> Self {
        self.texts_at.push((place, text));
        self
    }

    /// This path below the base URL.
    #[must_use]
    pub fn path(mut self, path: &'static str) -> Self {
        self.paths.push(path);
        self
    }

    /// Integers below 100000 at these places of requests.
    #[must_use]
    pub fn integers_of_requests(mut self, places: &[&'static str]) -> Self {
        self.integers_of_requests.extend(places);
        self
    }

    /// Integers below 100000 at these places of replies.
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
