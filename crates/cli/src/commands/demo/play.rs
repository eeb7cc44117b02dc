//! The steps as they run: timed, printed at once for people, and collected for the JSON document.

use std::error::Error;
use std::process::ExitCode;
use std::time::Instant;

use serde::Serialize;

use crate::failure::Failure;
use crate::output::{Output, Report, plain, write_line};
use weifen::transport::in_words;

/// A step's value and its text, or its error.
pub(super) type Done<T> = Result<(T, String), Box<dyn Error>>;

/// A step failed; its line has been written.
#[derive(Debug)]
pub(super) struct Stopped;

/// The steps so far.
#[derive(Debug)]
pub(super) struct Play {
    output: Output,
    steps: Vec<Step>,
}

#[derive(Debug, Serialize)]
struct Step {
    operation: &'static str,
    ok: bool,
    ms: u64,
    detail: String,
}

#[derive(Serialize)]
struct Document<'a> {
    steps: &'a [Step],
    ok: bool,
}

impl Play {
    pub(super) fn new(output: Output) -> Self {
        Self { output, steps: Vec::new() }
    }

    /// Runs and prints one step.
    ///
    /// # Errors
    /// When the step failed.
    pub(super) async fn step<T>(
        &mut self,
        operation: &'static str,
        work: impl Future<Output = Done<T>>,
    ) -> Result<T, Stopped> {
        let began = Instant::now();
        let done = work.await;
        let ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let (handed_on, detail) = match done {
            Ok((handed_on, detail)) => (Ok(handed_on), detail),
            Err(error) => (Err(Stopped), in_words(&*error)),
        };
        self.tell(Step { operation, ok: handed_on.is_ok(), ms, detail });
        handed_on
    }

    fn tell(&mut self, step: Step) {
        if self.output != Output::Json {
            let verdict = if step.ok { "ok" } else { "FAILED" };
            let line = format!("{verdict:<6}  {:<16}  {:>5} ms  {}", step.operation, step.ms, plain(&step.detail));
            // A write that fails now fails at the end as well.
            let _ = write_line(&line);
        }
        self.steps.push(step);
    }

    /// Reports the outcome of all steps.
    ///
    /// # Errors
    /// When stdout can't be written to.
    pub(super) fn end(self) -> Result<ExitCode, Failure> {
        let ok = self.steps.iter().all(|step| step.ok);
        let people = if ok { "Every step did what it should." } else { "A step did not do what it should." };
        self.output.report(&Report::new(&Document { steps: &self.steps, ok }, people)?)?;
        Ok(if ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
