//! Calls that are made in the same way when a vendor is recorded and when its cassette is replayed.

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use super::inputs::Inputs;
use crate::{CallError, Plaintext, Transport};

/// Named calls with their inputs. The cassette has the same name.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// Name of the scenario and of its cassette's file.
    pub name: &'static str,
    /// Inputs of the calls against a sandbox, in addition to credentials and stamp.
    pub inputs: Inputs,
    /// True where the calls make sense at a live vendor, with inputs of one's own.
    pub is_live: bool,
    /// Function that makes the calls.
    pub play: Play,
}

/// Function that makes a scenario's calls.
pub type Play = fn(Stage) -> Playing;

/// Future of a scenario's results, or of the error that keeps it from being played at all.
pub type Playing = Pin<Box<dyn Future<Output = Result<Played, Box<dyn Error + Send + Sync>>> + Send>>;

/// Environment of a scenario: transport, base URL and inputs.
#[derive(Clone)]
pub struct Stage {
    /// Transport of the calls: a recorder, or a replay.
    pub transport: Arc<dyn Transport>,
    /// Base URL of the vendor.
    pub base_url: String,
    /// Rule for a base URL with plain http.
    pub plaintext: Plaintext,
    /// Credentials, stamp, and the scenario's own inputs.
    pub inputs: Inputs,
    /// Lets time pass at the vendor; does nothing in a replay, where it has passed.
    pub let_pass: Arc<dyn Fn(Duration) + Send + Sync>,
}

impl Stage {
    /// Creates the stage of a replay.
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

/// Results of a scenario's calls. They hold everything, so they are for test data only.
#[derive(Clone, PartialEq, Eq)]
pub struct Played {
    calls: Vec<Result<String, String>>,
    /// Verdict of each call: `answered`, or the kind of its error.
    verdicts: Vec<String>,
}

impl Played {
    /// Creates the result of one call. An answer is shown as JSON, with all that it holds.
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

    /// Appends the results of `next`.
    #[must_use]
    pub fn then(mut self, next: Self) -> Self {
        self.calls.extend(next.calls);
        self.verdicts.extend(next.verdicts);
        self
    }

    /// Verdict of each call: `answered`, or the kind of its error, which a program would match.
    pub fn verdicts(&self) -> &[String] {
        &self.verdicts
    }

    /// Answer of the last call as JSON; `None` where it failed.
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
