//! A reply's body, read as the answer of each operation.

use serde::de::IgnoredAny;
use serde_json::Value;
use weifen_proto::{DriftKind, JsonType, NoAnswer, Shape, Undecodable};
use xtask_specimens::{SPECIMENS, Specimen};

use crate::canary;
use crate::unknown_field::{self, with_unknown_field};

/// Checks for any body: each operation reads it as an answer or gives an error. An answer that is written again reads
/// as the same. An unknown field changes nothing and is reported. No error shows a value.
pub fn answer(body: &[u8]) {
    for specimen in SPECIMENS {
        check(specimen, body);
    }
}

/// Result of reading a body; an answer in its serialized form.
type Reading = Result<Value, NoAnswer>;

fn check(specimen: &Specimen, body: &[u8]) {
    let (name, read) = (specimen.name(), specimen.entry.read);
    let reading = read(body);
    if let Ok(answer) = &reading {
        let again = (specimen.body)(answer).to_string();
        assert_eq!(read(again.as_bytes()), reading, "{name}: written and read again");
    }
    if let Some(with) = with_unknown_field(body) {
        assert!(are_same(&read(&with), &reading), "{name}: an unknown field changes the answer");
    }
    drifts(name, specimen.entry.shape, body);
    if let Ok(document) = serde_json::from_slice(body)
        && let Err(error) = read(canary::planted(&document).to_string().as_bytes())
    {
        shows_nothing(name, &error);
    }
}

/// Returns true where two readings are equal, except for the position at which a document breaks off.
fn are_same(one: &Reading, other: &Reading) -> bool {
    let breaks_off = |reading: &Reading| matches!(reading, Err(NoAnswer::Undecodable(Undecodable::NotJson { .. })));
    one == other || (breaks_off(one) && breaks_off(other))
}

fn drifts(name: &str, shape: Shape, body: &[u8]) {
    let drifts = shape.drifts(body);
    assert!(drifts.len() <= 32, "{name}: {} drifts", drifts.len());
    assert!((1..drifts.len()).all(|at| !drifts[..at].contains(&drifts[at])), "{name}: a drift is told twice");
    assert!(drifts.iter().all(|drift| drift.path.is_ascii()), "{name}: a path shows what is no name");
    let is_json = serde_json::from_slice::<IgnoredAny>(body).is_ok();
    if let Some(with) = with_unknown_field(body).filter(|_| is_json && drifts.len() < 32) {
        let told = shape.drifts(&with);
        let unknown = |kind| matches!(kind, DriftKind::UnknownField { seen: JsonType::Object });
        let of_it = told.iter().filter(|drift| drift.path == unknown_field::NAME && unknown(drift.kind));
        assert_eq!(of_it.count(), 1, "{name}: an unknown field is not told of");
    }
}

fn shows_nothing(name: &str, error: &NoAnswer) {
    let shown = format!("{error} {error:?}");
    match error {
        // The vendor's message is shown, but no number in it.
        NoAnswer::Refused(_) => assert!(!canary::shows_number(&shown), "{name}: {shown}"),
        NoAnswer::Undecodable(_) => assert!(!canary::shows(&shown), "{name}: {shown}"),
    }
}
