//! A problem with something outside: a host, a file.

use std::fmt::Display;

use weifen::transport::NetworkFault;

/// A problem, and advice.
#[derive(Debug, Clone)]
pub(super) struct Trouble {
    pub(super) found: String,
    pub(super) advice: String,
}

impl Trouble {
    pub(super) fn new(found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { found: found.into(), advice: advice.into() }
    }

    pub(super) fn of(fault: &NetworkFault) -> Self {
        Self::new(fault.to_string(), fault.advice().unwrap_or("try again later"))
    }

    pub(super) fn at(self, place: impl Display) -> Self {
        Self { found: format!("{place}: {}", self.found), ..self }
    }
}
