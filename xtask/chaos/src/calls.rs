//! The calls of a run: every operation in turn, each write and each once-call with a marker of its own.

use anyhow::Result;
use weifen::proto::Operation;
use weifen_sandbox::test_data;
use xtask_specimens::{Effect, SPECIMENS, Specimen};

use crate::told::Told;
use crate::vendors::Vendors;

/// A call to be made.
pub(crate) struct Call {
    specimen: &'static Specimen,
    /// Every other call of some operations is one that the sandbox refuses.
    is_refused: bool,
    marker: String,
}

/// A call that was made.
pub(crate) struct Made {
    pub(crate) operation: &'static Operation,
    /// By which the log knows it; none for a call that happens to nobody.
    pub(crate) marker: Option<String>,
    pub(crate) told: Told,
}

impl Call {
    pub(crate) fn nth(seed: u64, number: usize) -> Self {
        let specimens: Vec<_> = SPECIMENS.iter().filter(|specimen| specimen.effect != Effect::Counted).collect();
        let (turn, at) = (number / specimens.len(), number % specimens.len());
        Self { specimen: specimens[at], is_refused: turn % 2 == 1, marker: format!("chaos-{seed}-{number}") }
    }

    pub(crate) async fn make(self, vendors: &Vendors) -> Result<Made> {
        let specimen = self.specimen;
        // The sandbox gives the codes; of tickets it knows three, and all others it refuses.
        let marker = if specimen.name() == "openid_by_code" { vendors.code().await? } else { self.marker };
        let value = |parameter: &str| match (specimen.name(), parameter) {
            ("prize_notice", "openid") if self.is_refused => test_data::OPENID_PUSH_FAULT.to_owned(),
            ("qrcode", "label") if self.is_refused => test_data::LABEL_WITHOUT_ACCOUNTS.to_string(),
            (_, "openid") => test_data::OPENID.to_owned(),
            _ if specimen.marker == Some(parameter) => marker.clone(),
            _ => specimen.example(parameter).to_owned(),
        };
        let outcome = (specimen.request)(&value)?.send(&vendors.clients).await;
        let operation = specimen.entry.operation;
        // No match is the vendor's no, however friendly.
        let told = match &outcome {
            Ok(answer) if answer.json().is_null() && !(specimen.value)().is_null() => Told::Refused,
            outcome => Told::of(operation, outcome)?,
        };
        Ok(Made { operation, marker: specimen.marker.map(|_| marker), told })
    }
}
