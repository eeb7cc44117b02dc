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
    operation(fault)?;
    if fault.times == Some(0) {
        return Err("times is 0: choose at least 1, or leave it out for until the list is replaced".to_owned());
    }
    if let Some(share) = fault.share.filter(|share| !(LEAST_SHARE..=1.0).contains(share)) {
        return Err(format!("share is {share}: choose a number from {LEAST_SHARE} to 1, or leave it out for all"));
    }
    if fault.before {
        before(&fault.kind)?;
    }
    settings(&fault.kind)
}

fn operation(Fault { kind, operation, .. }: &Fault) -> Result<(), String> {
    if operation == ANY {
        return Ok(());
    }
    let names = |chosen: &dyn Fn(&Subject) -> bool| {
        subjects().filter(chosen).map(|subject| subject.name).collect::<Vec<_>>().join(", ")
    };
    let Some(subject) = subjects().find(|subject| subject.is_named(operation)) else {
        return Err(format!("no operation {operation:?}: choose {ANY}, {}", names(&|_| true)));
    };
    if !kind.acts_on(&subject) {
        let those = names(&|subject| kind.acts_on(subject));
        return Err(format!("{} does not act on {}: choose {ANY}, {those}", kind.name(), subject.name));
    }
    Ok(())
}

/// Refuses a kind that needs the operation's answer to be made of.
fn before(kind: &FaultKind) -> Result<(), String> {
    match kind {
        FaultKind::Status { keep_body: Some(true), .. } => {
            Err("keep_body keeps the operation's answer, which does not exist before the operation".to_owned())
        }
        FaultKind::Delay { .. }
        | FaultKind::Status { .. }
        | FaultKind::Html { .. }
        | FaultKind::Empty { .. }
        | FaultKind::Reset
        | FaultKind::GzipBomb { .. }
        | FaultKind::BadGzip
        | FaultKind::Redirect { .. } => Ok(()),
        _ => {
            let name = kind.name();
            Err(format!("{name} cannot come before the operation: this fault is made from the operation's answer"))
        }
    }
}

fn settings(kind: &FaultKind) -> Result<(), String> {
    match kind {
        FaultKind::Delay { delay_ms } => within("delay_ms", *delay_ms, 1, TEN_MINUTES_MS),
        FaultKind::Status { status, retry_after_s, .. } => {
            within("retry_after_s", *retry_after_s, 0, 1_000_000)?;
            status_with_body(*status)
        }
        // No body is sent here, and these have none.
        FaultKind::Empty { status: Some(204 | 205 | 304) } => Ok(()),
        FaultKind::Html { status } | FaultKind::Empty { status } => status_with_body(*status),
        FaultKind::Drip { pause_ms } => within("pause_ms", *pause_ms, 1, 60_000),
        FaultKind::GzipBomb { inflated_mib } => within("inflated_mib", *inflated_mib, 1, 4096),
        FaultKind::Redirect { status, location } => redirect(*status, location.as_deref()),
        FaultKind::DeepNesting { depth, .. } => {
            within("depth", depth.map(|depth| depth as u64), 1, 1_000_000)?;
            field(kind)
        }
        FaultKind::SlowPush { over_ms } => within("over_ms", *over_ms, 1, TEN_MINUTES_MS),
        _ => field(kind),
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

/// A path's names are parted by dots, and none of them is empty.
fn field(kind: &FaultKind) -> Result<(), String> {
    match (kind, kind.field()) {
        (FaultKind::ExtraField { .. }, Some(field)) if field.is_empty() || field.contains('.') => {
            Err(format!("field is {field:?}: an extra field needs a name without dots, not a path"))
        }
        (_, Some(field)) if field.split('.').any(str::is_empty) => {
            Err(format!("field is {field:?}: choose a name, or a path such as data.bidding"))
        }
        _ => Ok(()),
    }
}

fn status_with_body(status: Option<u16>) -> Result<(), String> {
    match status {
        None | Some(200..=203 | 206..=303 | 305..=599) => Ok(()),
        Some(status) => Err(format!("status is {status}: choose one from 200 to 599 that has a body")),
    }
}

fn redirect(status: Option<u16>, location: Option<&str>) -> Result<(), String> {
    let redirects = [301, 302, 303, 307, 308];
    if let Some(status) = status.filter(|status| !redirects.contains(status)) {
        return Err(format!("status is {status}: a redirect's is one of {redirects:?}"));
    }
    if location.is_some_and(|location| location.is_empty() || HeaderValue::from_str(location).is_err()) {
        return Err("location is empty or can't stand in a header: choose a URL or a path".to_owned());
    }
    Ok(())
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
