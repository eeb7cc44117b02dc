//! A check's finding: its text, its state, and advice.

use serde::Serialize;

/// The state of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    Ok,
    Warning,
    Problem,
}

impl State {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Problem => "problem",
        }
    }
}

/// One line of the report.
#[derive(Debug, Serialize)]
pub(super) struct Finding {
    pub(super) section: &'static str,
    pub(super) name: String,
    pub(super) state: State,
    pub(super) found: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) advice: Option<String>,
}

/// The findings of one section, in their order.
#[derive(Debug)]
pub(super) struct Findings {
    section: &'static str,
    all: Vec<Finding>,
}

impl Findings {
    pub(super) fn of(section: &'static str) -> Self {
        Self { section, all: Vec::new() }
    }

    pub(super) fn ok(&mut self, name: impl Into<String>, found: impl Into<String>) {
        self.add(State::Ok, name, found, None);
    }

    pub(super) fn warning(&mut self, name: impl Into<String>, found: impl Into<String>, advice: impl Into<String>) {
        self.add(State::Warning, name, found, Some(advice.into()));
    }

    pub(super) fn problem(&mut self, name: impl Into<String>, found: impl Into<String>, advice: impl Into<String>) {
        self.add(State::Problem, name, found, Some(advice.into()));
    }

    /// Adds a check that could not be made, because of another finding in the report.
    pub(super) fn not_checked(&mut self, name: impl Into<String>, because: impl Into<String>) {
        let advice = "fix that first";
        self.warning(name, format!("not checked: {}", because.into()), advice);
    }

    fn add(&mut self, state: State, name: impl Into<String>, found: impl Into<String>, advice: Option<String>) {
        let (name, found) = (name.into(), found.into());
        self.all.push(Finding { section: self.section, name, state, found, advice });
    }

    pub(super) fn into_all(self) -> Vec<Finding> {
        self.all
    }
}
