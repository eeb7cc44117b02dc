//! An operation as an example.

use anyhow::Result;
use serde_json::Value;
use weifen_proto::Entry;

use crate::Call;

/// The effect of asking twice, as a statement of its own: what the client may repeat is judged by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// It does no harm.
    Safe,
    /// It costs a place in a daily limit.
    Counted,
    /// The code or ticket that was handed in may be spent.
    Once,
    /// Something happens at the vendor.
    Write,
}

impl Effect {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Safe, Self::Counted, Self::Once, Self::Write];
}

/// Gives the value of each parameter by its name on the wire.
pub type Values<'a> = &'a dyn Fn(&str) -> String;

/// An operation as an example.
#[derive(Debug)]
pub struct Specimen {
    /// The operation in its vendor's catalogue.
    pub entry: Entry,
    /// The effect of asking twice.
    pub effect: Effect,
    /// A value for each parameter that the request takes.
    pub example: &'static [(&'static str, &'static str)],
    /// The request with every parameter that it can carry.
    pub request: fn(Values<'_>) -> Result<Box<dyn Call>>,
    /// The words of the command line that it can't do without; `{openid}` stands for the value of the parameter
    /// `openid`.
    pub command: &'static str,
    /// The words that may follow.
    pub options: &'static str,
    /// The value that the vendor answers with, as [`Entry::read`] gives it.
    pub value: fn() -> Value,
    /// The body in which the vendor answers with a value.
    pub body: fn(&Value) -> Value,
    /// The document that the command prints of the value, with `--json`.
    pub printed: fn(&Value) -> Value,
    /// The parameter by which one call can be told from another, where something happens or is spent.
    pub marker: Option<&'static str>,
}

impl Specimen {
    /// The operation's name.
    pub fn name(&self) -> &'static str {
        self.entry.operation.name
    }

    /// The example's value of a parameter; nothing for one that it does not take.
    pub fn example(&self, parameter: &str) -> &'static str {
        self.example.iter().find(|(name, _)| *name == parameter).map(|(_, value)| *value).unwrap_or_default()
    }

    /// The words of the command line with these values.
    pub fn words<'a>(&self, values: &dyn Fn(&str) -> &'a str) -> Vec<&'a str> {
        with_values(self.command, values)
    }

    /// The same, and the options.
    pub fn all_words<'a>(&self, values: &dyn Fn(&str) -> &'a str) -> Vec<&'a str> {
        [with_values(self.command, values), with_values(self.options, values)].concat()
    }

    /// The body of the example's answer.
    pub fn answer(&self) -> Value {
        (self.body)(&(self.value)())
    }
}

fn with_values<'a>(words: &'static str, values: &dyn Fn(&str) -> &'a str) -> Vec<&'a str> {
    let word = |word: &'static str| match word.strip_prefix('{').and_then(|word| word.strip_suffix('}')) {
        Some(parameter) => values(parameter),
        None => word,
    };
    words.split_whitespace().map(word).collect()
}
