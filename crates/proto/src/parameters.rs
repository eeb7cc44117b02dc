//! The parameters of a request: named, ordered, not yet encoded.

use std::borrow::Cow;

/// Parameters of a request, in the order in which they are sent.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Parameters<'a> {
    list: Vec<Parameter<'a>>,
}

/// One named parameter.
#[derive(Clone, PartialEq, Eq)]
pub struct Parameter<'a> {
    /// Name on the wire.
    pub name: Cow<'a, str>,
    /// Value under this name.
    pub value: Value<'a>,
}

/// Value of a parameter.
#[derive(Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// A text.
    Text(Cow<'a, str>),
    /// An integer: a number in JSON, its decimal digits elsewhere.
    Integer(i64),
    /// Nothing: the parameter is left out (assumed: no vendor says what null would mean).
    Absent,
    /// The client's configured value of this name; a client without one refuses the request.
    Configured,
}

impl<'a> Parameters<'a> {
    /// Creates an empty list.
    pub fn new() -> Self {
        Self { list: Vec::with_capacity(12) }
    }

    /// Adds a text.
    #[must_use]
    pub fn text(self, name: impl Into<Cow<'a, str>>, text: impl Into<Cow<'a, str>>) -> Self {
        self.with(name, Value::Text(text.into()))
    }

    /// Adds a text, or [`Value::Absent`].
    #[must_use]
    pub fn optional_text(self, name: impl Into<Cow<'a, str>>, text: Option<impl Into<Cow<'a, str>>>) -> Self {
        self.with(name, text.map_or(Value::Absent, |text| Value::Text(text.into())))
    }

    /// Adds an integer.
    #[must_use]
    pub fn integer(self, name: impl Into<Cow<'a, str>>, integer: i64) -> Self {
        self.with(name, Value::Integer(integer))
    }

    /// Adds an integer, or [`Value::Absent`].
    #[must_use]
    pub fn optional_integer(self, name: impl Into<Cow<'a, str>>, integer: Option<i64>) -> Self {
        self.with(name, integer.map_or(Value::Absent, Value::Integer))
    }

    /// Adds a text, or [`Value::Configured`].
    #[must_use]
    pub fn text_or_configured(self, name: impl Into<Cow<'a, str>>, text: Option<impl Into<Cow<'a, str>>>) -> Self {
        self.with(name, text.map_or(Value::Configured, |text| Value::Text(text.into())))
    }

    fn with(mut self, name: impl Into<Cow<'a, str>>, value: Value<'a>) -> Self {
        self.push(Parameter { name: name.into(), value });
        self
    }

    /// Returns the parameters in order.
    pub fn iter(&self) -> impl Iterator<Item = &Parameter<'a>> {
        self.list.iter()
    }

    /// Adds a parameter.
    pub fn push(&mut self, parameter: Parameter<'a>) {
        self.list.push(parameter);
    }
}

impl<'a> IntoIterator for Parameters<'a> {
    type Item = Parameter<'a>;
    type IntoIter = std::vec::IntoIter<Parameter<'a>>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.into_iter()
    }
}

impl std::fmt::Debug for Parameters<'_> {
    /// Prints the names alone: the values carry tokens, numbers and free texts.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.list.iter().map(|parameter| &parameter.name)).finish()
    }
}

impl std::fmt::Debug for Parameter<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parameter").field("name", &self.name).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Text(_) => "Text([redacted])",
            Self::Integer(_) => "Integer([redacted])",
            Self::Absent => "Absent",
            Self::Configured => "Configured",
        })
    }
}
