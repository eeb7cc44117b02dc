//! The mixture of `chaos`: what goes wrong with each operation, and how often. The README shows the same table.

use super::fault::{Fault, FaultKind};

/// Kind, whether it comes before the operation, its share of the requests.
const MIXTURE: [(FaultKind, bool, f64); 27] = [
    (FaultKind::Delay { delay_ms: None }, false, 0.02),
    (FaultKind::Delay { delay_ms: None }, true, 0.01),
    (FaultKind::Status { status: None, retry_after_s: None, keep_body: None }, false, 0.02),
    (FaultKind::Status { status: None, retry_after_s: None, keep_body: None }, true, 0.02),
    (FaultKind::Html { status: None }, false, 0.01),
    (FaultKind::Html { status: None }, true, 0.01),
    (FaultKind::Empty { status: None }, false, 0.01),
    (FaultKind::Truncate { keep: None, announced: None }, false, 0.02),
    (FaultKind::Drip { pause_ms: None }, false, 0.01),
    (FaultKind::Reset, false, 0.03),
    (FaultKind::Reset, true, 0.03),
    (FaultKind::GzipBomb { inflated_mib: None }, false, 0.002),
    (FaultKind::BadGzip, false, 0.01),
    (FaultKind::Redirect { status: None, location: None }, false, 0.01),
    (FaultKind::WrongType { field: None }, false, 0.01),
    (FaultKind::ExtraField { field: None }, false, 0.02),
    (FaultKind::MissingField { field: None }, false, 0.01),
    (FaultKind::NumberAsString { field: None }, false, 0.02),
    (FaultKind::StringAsNumber { field: None }, false, 0.01),
    (FaultKind::Bom, false, 0.01),
    (FaultKind::Gbk, false, 0.01),
    (FaultKind::DuplicateKey { field: None }, false, 0.01),
    (FaultKind::DeepNesting { field: None, depth: None }, false, 0.005),
    (FaultKind::EarlyTokenExpiry, false, 0.002),
    (FaultKind::QuotaOut, false, 0.05),
    (FaultKind::SlowPush { over_ms: None }, false, 0.1),
    (FaultKind::LostPush, false, 0.05),
];

pub(crate) fn mixture() -> Vec<Fault> {
    MIXTURE.map(|(kind, before, share)| Fault::new(kind).before(before).share(share)).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_shows_the_same_table() {
        let readme = include_str!("../../README.md");
        for (kind, before, share) in MIXTURE {
            let before = if before { " before the operation" } else { "" };
            let row = format!("| `{}`{before} | {} % |", kind.name(), (share * 1000.0).round() / 10.0);
            assert!(readme.contains(&row), "{row}");
        }
    }
}
