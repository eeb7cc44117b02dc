//! The calls of a run: every operation in turn, each write and each once-call with its own marker.

use anyhow::Result;
use weifen::proto::Operation;
use weifen_sandbox::test_data;
use xtask_specimens::{Effect, SPECIMENS, Specimen};

use crate::told::Told;
use crate::vendors::Vendors;

/// A call that is planned.
pub(crate) struct Call {
    specimen: &'static Specimen,
    /// True for every other turn, where some operations get values that the sandbox refuses.
    is_refused: bool,
    marker: String,
}

/// A finished call.
pub(crate) struct Made {
    pub(crate) operation: &'static Operation,
    /// Marker of the call in the log; `None` for a call without a user.
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
        // The sandbox issues the codes. It knows three tickets and refuses all others.
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
        // No match counts as a refusal of the vendor.
        let told = match &outcome {
            Ok(answer) if answer.json().is_null() && !(specimen.value)().is_null() => Told::Refused,
            outcome => Told::of(operation, outcome)?,
        };
        Ok(Made { operation, marker: specimen.marker.map(|_| marker), told })
    }
}
