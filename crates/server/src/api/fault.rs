//! One thing that is wrong with a request.

use std::fmt;

use serde::Serialize;
use utoipa::ToSchema;
use weifen::proto::InvalidRequest;

use super::problem::Problem;

/// One thing that is wrong with a request, by its place in the body or the name of its parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct Fault {
    /// The place in the body: a JSON pointer as a fragment, such as `#/code`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pointer: Option<String>,
    /// The name of a parameter of the path or the query.
    #[serde(skip_serializing_if = "Option::is_none")]
    parameter: Option<String>,
    /// What is wrong, and what is expected.
    detail: String,
}

impl Fault {
    /// The body as a whole is wrong.
    pub(super) fn of_body(detail: impl Into<String>) -> Self {
        Self::at("", detail)
    }

    /// The value at this JSON pointer of the body is wrong.
    pub(super) fn at(pointer: &str, detail: impl Into<String>) -> Self {
        Self { pointer: Some(format!("#{pointer}")), parameter: None, detail: detail.into() }
    }

    /// A field of the body is wrong.
    pub(super) fn in_body(field: &str, detail: impl Into<String>) -> Self {
        let mut pointer = String::new();
        add_step(&mut pointer, field);
        Self::at(&pointer, detail)
    }

    /// The same fault of an object that stands at this place of the body, such as `acks/3`.
    pub(super) fn within(mut self, place: &str) -> Self {
        self.pointer = self.pointer.map(|pointer| format!("#/{place}{}", &pointer[1..]));
        self
    }

    /// Its place in the body, or its parameter.
    pub(super) fn place(&self) -> (Option<String>, Option<String>) {
        (self.pointer.clone(), self.parameter.clone())
    }

    /// A parameter of the path or the query is wrong.
    pub(super) fn of_parameter(name: &str, detail: impl Into<String>) -> Self {
        Self { pointer: None, parameter: Some(name.to_owned()), detail: detail.into() }
    }
}

/// Adds to a JSON pointer the step to a field of an object, or to an item of a list.
pub(super) fn add_step(pointer: &mut String, name: &str) {
    pointer.push('/');
    for character in name.chars() {
        match character {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            other => pointer.push(other),
        }
    }
}

/// Collects all that is wrong with a request.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<Fault>);

impl Faults {
    /// Returns the value, or notes why there is none.
    pub(super) fn value<T, E: Into<Fault>>(&mut self, read: Result<T, E>) -> Option<T> {
        read.map_err(|fault| self.0.push(fault.into())).ok()
    }

    /// Returns the request that was made of the values, if nothing is wrong.
    pub(super) fn whole<T>(self, request: Option<T>) -> Result<T, Problem> {
        match request {
            Some(request) if self.0.is_empty() => Ok(request),
            _ => Err(Problem::invalid(self.0)),
        }
    }
}

/// A value of the body is refused.
impl From<InvalidRequest> for Fault {
    fn from(error: InvalidRequest) -> Self {
        Self::in_body(error.parameter(), error.problem())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = self.pointer.as_ref().and_then(|pointer| pointer.strip_prefix("#/"));
        match field.or(self.parameter.as_deref()) {
            Some(name) => write!(f, "{name}: {}", self.detail),
            None => f.write_str(&self.detail),
        }
    }
}
