//! Calls that are made in the same way against a vendor that is recorded and from a cassette that is replayed.

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use super::inputs::Inputs;
use crate::{CallError, Plaintext, Transport};

/// Calls with a name, which is their cassette's, and with what they are fed with.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// The name, as a file's.
    pub name: &'static str,
    /// What the calls are fed with against a sandbox, beside credentials and stamp.
    pub inputs: Inputs,
    /// Whether the calls make sense with inputs of one's own, at a live vendor.
    pub is_live: bool,
    /// Makes the calls.
    pub play: Play,
}

/// Makes a scenario's calls.
pub type Play = fn(Stage) -> Playing;

/// What comes of a scenario, or why it can't be played at all.
pub type Playing = Pin<Box<dyn Future<Output = Result<Played, Box<dyn Error + Send + Sync>>> + Send>>;

/// What a scenario is played on.
#[derive(Clone)]
pub struct Stage {
    /// What sends the calls: a recorder, or a replay.
    pub transport: Arc<dyn Transport>,
    /// Where to.
    pub base_url: String,
    /// Whether that may be in clear.
    pub plaintext: Plaintext,
    /// Credentials, stamp, and the scenario's own inputs.
    pub inputs: Inputs,
    /// Lets time pass at the vendor; in a replay it has passed.
    pub let_pass: Arc<dyn Fn(Duration) + Send + Sync>,
}

impl Stage {
    /// A stage for a replay.
    pub fn of_replay(transport: Arc<dyn Transport>, inputs: Inputs) -> Self {
        let base_url = "https://replay.invalid".to_owned();
        Self { transport, base_url, plaintext: Plaintext::Refused, inputs, let_pass: Arc::new(|_| {}) }
    }
}

impl fmt::Debug for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stage")
            .field("transport", &self.transport)
            .field("inputs", &self.inputs)
            .finish_non_exhaustive()
    }
}

/// What came of a scenario's calls: all of it, so it is for test data alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Played {
    calls: Vec<Result<String, String>>,
    /// Of each call, what a program would match.
    verdicts: Vec<String>,
}

impl Played {
    /// What came of one call. An answer is shown as JSON, with all that is in it.
    pub fn of<T: Serialize>(call: Result<T, CallError>) -> Self {
        let verdict = match &call {
            Ok(_) => "answered".to_owned(),
            Err(error) => match error.refusal() {
                Some(refusal) => format!("{} {:?}", error.kind().as_str(), refusal.kind()),
                None => error.kind().as_str().to_owned(),
            },
        };
        let content = call.map_err(|error| told(&error)).and_then(|answer| {
            serde_json::to_string_pretty(&answer).map_err(|error| format!("the answer can't be shown: {error}"))
        });
        Self { calls: vec![content], verdicts: vec![verdict] }
    }

    /// This, and then `next`.
    #[must_use]
    pub fn then(mut self, next: Self) -> Self {
        self.calls.extend(next.calls);
        self.verdicts.extend(next.verdicts);
        self
    }

    /// Of each call, what a program would match: that it was answered, or the kind of the error.
    pub fn verdicts(&self) -> &[String] {
        &self.verdicts
    }

    /// The last call's answer as JSON, if it was answered.
    pub fn answer(&self) -> Option<&str> {
        self.calls.last()?.as_deref().ok()
    }
}

fn told(error: &CallError) -> String {
    let mut lines = vec![error.to_string(), format!("operation {}", error.operation().name)];
    if let Some(refusal) = error.refusal() {
        lines.push(format!("code {}", refusal.code()));
        lines.push(format!("message {}", refusal.message()));
    }
    lines.push(format!("retryable {}", error.is_retryable()));
    lines.extend(error.hint().map(|hint| format!("hint {hint}")));
    lines.join("\n")
}

impl fmt::Display for Played {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (verdict, call) in self.verdicts.iter().zip(&self.calls) {
            let (Ok(content) | Err(content)) = call;
            writeln!(f, "{verdict}\n{content}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Played {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Played").field("verdicts", &self.verdicts).finish_non_exhaustive()
    }
}
