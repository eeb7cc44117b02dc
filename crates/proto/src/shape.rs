//! What an answer is documented to look like, as a value: the decoders take what they need, and this says what else was
//! to be expected, so that a vendor that changes its answers can be noticed before anything fails.

/// What stands at a place of a JSON document.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Shape {
    /// Anything: nothing is known, or nothing is expected.
    Any,
    /// A string.
    Text,
    /// A string that is written as this function demands: a time, say.
    TextLike(fn(&str) -> bool),
    /// An integer.
    Integer,
    /// A string or an integer, where the vendor writes now one and now the other.
    TextOrInteger,
    /// An array, each of whose values looks like this.
    Array(&'static Shape),
    /// An object with these fields.
    Object(&'static [Field]),
}

/// A field of an object.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    pub(crate) name: &'static str,
    pub(crate) shape: Shape,
    pub(crate) may_be_absent: bool,
}

impl Field {
    /// A field that is always there.
    pub const fn new(name: &'static str, shape: Shape) -> Self {
        Self { name, shape, may_be_absent: false }
    }

    /// A string that is always there.
    pub const fn text(name: &'static str) -> Self {
        Self::new(name, Shape::Text)
    }

    /// An integer that is always there.
    pub const fn integer(name: &'static str) -> Self {
        Self::new(name, Shape::Integer)
    }

    /// It may be missing, null or empty.
    #[must_use]
    pub const fn or_absent(mut self) -> Self {
        self.may_be_absent = true;
        self
    }

    /// Its name on the wire.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What stands there.
    pub const fn shape(&self) -> Shape {
        self.shape
    }

    /// Whether it may be missing, null or empty.
    pub const fn may_be_absent(&self) -> bool {
        self.may_be_absent
    }
}
