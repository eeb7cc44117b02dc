//! The documented shape of an answer, as a value. The decoders take only what they need; the shape covers the rest, so
//! that a change of the vendor is noticed before anything fails.

/// Documented shape of a JSON value.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Shape {
    /// Any value: nothing is known or expected.
    Any,
    /// A string.
    Text,
    /// A string in a format that this function checks, such as a time.
    TextLike(fn(&str) -> bool),
    /// An integer.
    Integer,
    /// A string or an integer: the vendor writes either.
    TextOrInteger,
    /// An array of values with this shape.
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
    /// Creates a field that is always present.
    pub const fn new(name: &'static str, shape: Shape) -> Self {
        Self { name, shape, may_be_absent: false }
    }

    /// Creates a string that is always present.
    pub const fn text(name: &'static str) -> Self {
        Self::new(name, Shape::Text)
    }

    /// Creates an integer that is always present.
    pub const fn integer(name: &'static str) -> Self {
        Self::new(name, Shape::Integer)
    }

    /// Lets the field be missing, null or empty.
    #[must_use]
    pub const fn or_absent(mut self) -> Self {
        self.may_be_absent = true;
        self
    }

    /// Name on the wire.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Shape of the value.
    pub const fn shape(&self) -> Shape {
        self.shape
    }

    /// Returns true where the field may be missing, null or empty.
    pub const fn may_be_absent(&self) -> bool {
        self.may_be_absent
    }
}
