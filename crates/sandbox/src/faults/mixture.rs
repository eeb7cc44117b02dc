//! The mixture of `chaos`: what goes wrong with each operation, and how often. The README shows the same table.

use super::fault::{Fault, FaultKind};

/// Kind, whether it comes before the operation, its share of the requests.
const MIXTURE: [(FaultKind, bool, f64); 27] = [
    (FaultKind::Delay, false, 0.02),
    (FaultKind::Delay, true, 0.01),
    (FaultKind::Status, false, 0.02),
    (FaultKind::Status, true, 0.02),
    (FaultKind::Html, false, 0.01),
    (FaultKind::Html, true, 0.01),
    (FaultKind::Empty, false, 0.01),
    (FaultKind::Truncate, false, 0.02),
    (FaultKind::Drip, false, 0.01),
    (FaultKind::Reset, false, 0.03),
    (FaultKind::Reset, true, 0.03),
    (FaultKind::GzipBomb, false, 0.002),
    (FaultKind::BadGzip, false, 0.01),
    (FaultKind::Redirect, false, 0.01),
    (FaultKind::WrongType, false, 0.01),
    (FaultKind::ExtraField, false, 0.02),
    (FaultKind::MissingField, false, 0.01),
    (FaultKind::NumberAsString, false, 0.02),
    (FaultKind::StringAsNumber, false, 0.01),
    (FaultKind::Bom, false, 0.01),
    (FaultKind::Gbk, false, 0.01),
    (FaultKind::DuplicateKey, false, 0.01),
    (FaultKind::DeepNesting, false, 0.005),
    (FaultKind::EarlyTokenExpiry, false, 0.002),
    (FaultKind::QuotaOut, false, 0.05),
    (FaultKind::SlowPush, false, 0.1),
    (FaultKind::LostPush, false, 0.05),
];

pub(crate) fn mixture() -> Vec<Fault> {
    MIXTURE.iter().map(|(kind, before, share)| Fault::new(*kind).before(*before).share(*share)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_shows_the_same_table() {
        let readme = include_str!("../../README.md");
        for (kind, before, share) in MIXTURE {
            let name = serde_json::json!(kind);
            let before = if before { " before the operation" } else { "" };
            let row = format!("| `{}`{before} | {} % |", name.as_str().unwrap(), (share * 1000.0).round() / 10.0);
            assert!(readme.contains(&row), "{row}");
        }
    }
}
