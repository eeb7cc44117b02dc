//! A list of faults is checked, each entry by itself and told by its place, before it is set.

use http::HeaderValue;

use crate::{
    catalogue::subjects,
    error::ControlError,
    faults::{
        fault::{ANY, Fault, FaultKind},
        state::Faults,
        subject::Subject,
    },
};

const MOST: usize = 100;
const TEN_MINUTES_MS: u64 = 600_000;
/// Chance is drawn with 32 bits, a little finer than this.
const LEAST_SHARE: f64 = 1e-9;

/// Replaces the faults, and begins to count anew. Nothing changes where one of them makes no sense.
pub(crate) fn set(faults: &mut Faults, seed: u64, list: Vec<Fault>) -> Result<(), ControlError> {
    all(&list)?;
    *faults = Faults::listed(seed, list);
    Ok(())
}

/// Refuses the list for the first entry that makes no sense.
fn all(faults: &[Fault]) -> Result<(), ControlError> {
    if faults.len() > MOST {
        return Err(ControlError::BadRequest(format!("there are {} faults: choose at most {MOST}", faults.len())));
    }
    for (fault, entry) in faults.iter().zip(1..) {
        one(fault).map_err(|reason| ControlError::Fault { entry, reason })?;
    }
    subjects().try_for_each(|subject| shares(&subject, faults))
}

/// Refuses what has no room beside the shares before it; one without a share takes whatever is left.
fn shares(subject: &Subject, faults: &[Fault]) -> Result<(), ControlError> {
    let mut sum = 0.0;
    for (fault, entry) in faults.iter().zip(1..).filter(|(fault, _)| fault.is_for(subject)) {
        let before = sum;
        sum += fault.share.unwrap_or_default();
        if sum > 1.0 + LEAST_SHARE {
            let (name, left) = (subject.name, (1.0 - before).max(0.0));
            let reason = format!(
                "the shares of {name} sum to {sum:.3} with its {}: {left:.3} is left by those before it",
                fault.share.unwrap_or_default()
            );
            return Err(ControlError::Fault { entry, reason });
        }
    }
    Ok(())
}

fn one(fault: &Fault) -> Result<(), String> {
    let kind = name(fault.kind);
    operation(fault, &kind)?;
    if fault.times == Some(0) {
        return Err("times is 0: choose at least 1, or leave it out for until the list is replaced".to_owned());
    }
    if let Some(share) = fault.share.filter(|share| !(LEAST_SHARE..=1.0).contains(share)) {
        return Err(format!("share is {share}: choose a number from {LEAST_SHARE} to 1, or leave it out for all"));
    }
    if fault.before && !has_a_reply_of_its_own(fault.kind) {
        return Err(format!("{kind} can't come before the operation: it is made of what the operation answers"));
    }
    if fault.before && fault.keep_body == Some(true) {
        return Err("keep_body keeps the operation's answer, which there is none of before it".to_owned());
    }
    settings(fault, &kind)
}

fn operation(fault: &Fault, kind: &str) -> Result<(), String> {
    if fault.operation == ANY {
        return Ok(());
    }
    let names = |chosen: &dyn Fn(&Subject) -> bool| {
        subjects().filter(chosen).map(|subject| subject.name).collect::<Vec<_>>().join(", ")
    };
    let Some(subject) = subjects().find(|subject| subject.is_named(&fault.operation)) else {
        return Err(format!("no operation {:?}: choose {ANY}, {}", fault.operation, names(&|_| true)));
    };
    if !fault.kind.acts_on(&subject) {
        let those = names(&|subject| fault.kind.acts_on(subject));
        return Err(format!("{kind} does not act on {}: choose {ANY}, {those}", subject.name));
    }
    Ok(())
}

/// Whether the reply needs no answer to be made of.
fn has_a_reply_of_its_own(kind: FaultKind) -> bool {
    matches!(
        kind,
        FaultKind::Delay
            | FaultKind::Status
            | FaultKind::Html
            | FaultKind::Empty
            | FaultKind::Reset
            | FaultKind::GzipBomb
            | FaultKind::BadGzip
            | FaultKind::Redirect
    )
}

/// The names of a kind's own settings.
fn taken(kind: FaultKind) -> &'static [&'static str] {
    match kind {
        FaultKind::Delay => &["delay_ms"],
        FaultKind::Status => &["status", "retry_after_s", "keep_body"],
        FaultKind::Html | FaultKind::Empty => &["status"],
        FaultKind::Truncate => &["keep", "announced"],
        FaultKind::Drip => &["pause_ms"],
        FaultKind::GzipBomb => &["inflated_mib"],
        FaultKind::Redirect => &["status", "location"],
        FaultKind::WrongType
        | FaultKind::ExtraField
        | FaultKind::MissingField
        | FaultKind::NumberAsString
        | FaultKind::StringAsNumber
        | FaultKind::DuplicateKey => &["field"],
        FaultKind::DeepNesting => &["field", "depth"],
        FaultKind::SlowPush => &["over_ms"],
        FaultKind::Reset
        | FaultKind::BadGzip
        | FaultKind::Bom
        | FaultKind::Gbk
        | FaultKind::EarlyTokenExpiry
        | FaultKind::QuotaOut
        | FaultKind::LostPush => &[],
    }
}

fn settings(fault: &Fault, kind: &str) -> Result<(), String> {
    let given = [
        ("delay_ms", fault.delay_ms.is_some()),
        ("status", fault.status.is_some()),
        ("retry_after_s", fault.retry_after_s.is_some()),
        ("keep_body", fault.keep_body.is_some()),
        ("keep", fault.keep.is_some()),
        ("announced", fault.announced.is_some()),
        ("pause_ms", fault.pause_ms.is_some()),
        ("inflated_mib", fault.inflated_mib.is_some()),
        ("location", fault.location.is_some()),
        ("field", fault.field.is_some()),
        ("depth", fault.depth.is_some()),
        ("over_ms", fault.over_ms.is_some()),
    ];
    let taken = taken(fault.kind);
    if let Some((stray, _)) = given.iter().find(|(name, given)| *given && !taken.contains(name)) {
        let own = if taken.is_empty() { "none of its own".to_owned() } else { taken.join(", ") };
        return Err(format!("{kind} has no setting {stray}: it takes {own}"));
    }
    within("delay_ms", fault.delay_ms, 1, TEN_MINUTES_MS)?;
    within("over_ms", fault.over_ms, 1, TEN_MINUTES_MS)?;
    within("pause_ms", fault.pause_ms, 1, 60_000)?;
    within("retry_after_s", fault.retry_after_s, 0, 1_000_000)?;
    within("inflated_mib", fault.inflated_mib, 1, 4096)?;
    within("depth", fault.depth.map(|depth| depth as u64), 1, 1_000_000)?;
    status(fault)?;
    field(fault)?;
    match &fault.location {
        Some(location) if location.is_empty() || HeaderValue::from_str(location).is_err() => {
            Err("location is empty or can't stand in a header: choose a URL or a path".to_owned())
        }
        _ => Ok(()),
    }
}

fn within(name: &str, given: Option<u64>, least: u64, most: u64) -> Result<(), String> {
    match given {
        Some(given) if !(least..=most).contains(&given) => {
            Err(format!("{name} is {given}: choose from {least} to {most}"))
        }
        _ => Ok(()),
    }
}

/// Its names are parted by dots, and none of them is empty.
fn field(fault: &Fault) -> Result<(), String> {
    let Some(field) = &fault.field else { return Ok(()) };
    if fault.kind == FaultKind::ExtraField {
        return if field.is_empty() || field.contains('.') {
            Err(format!("field is {field:?}: an extra one has a name, without dots, and no path"))
        } else {
            Ok(())
        };
    }
    if field.split('.').any(str::is_empty) {
        return Err(format!("field is {field:?}: choose a name, or a path such as data.bidding"));
    }
    Ok(())
}

fn status(fault: &Fault) -> Result<(), String> {
    let Some(status) = fault.status else { return Ok(()) };
    if fault.kind == FaultKind::Redirect {
        let redirects = [301, 302, 303, 307, 308];
        return if redirects.contains(&status) {
            Ok(())
        } else {
            Err(format!("status is {status}: a redirect's is one of {redirects:?}"))
        };
    }
    // 204, 205 and 304 have no body.
    if !(200..600).contains(&status) || (fault.kind != FaultKind::Empty && [204, 205, 304].contains(&status)) {
        return Err(format!("status is {status}: choose one from 200 to 599 that has a body"));
    }
    Ok(())
}

/// A kind's name in JSON.
fn name(kind: FaultKind) -> String {
    serde_json::json!(kind).as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::mixture::mixture;

    #[test]
    fn the_mixture_makes_sense() {
        all(&mixture()).unwrap();
    }

    #[test]
    fn the_mixture_leaves_three_in_five_requests_to_each_operation_alone() {
        for subject in subjects().filter(|subject| !subject.page) {
            let faults = mixture().into_iter().filter(|fault| fault.is_for(&subject));
            let hit: f64 = faults.filter_map(|fault| fault.share).sum();
            assert!(hit > 0.1 && hit < 0.4, "{}: {hit}", subject.name);
        }
    }
}
