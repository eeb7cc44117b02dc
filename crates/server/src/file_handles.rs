//! The number of connections that the process has file handles for.

use weifen::inbox::ServerLimits;

/// File handles that are left for the database, deliveries, calls and the log.
#[cfg(unix)]
const OWN: u64 = 128;

/// The usual limits, with no more connections than there are handles for beside `others`. Of the system's two bounds the
/// lower one, which a process may raise itself, is raised.
#[cfg(unix)]
pub(crate) fn limits(others: usize) -> ServerLimits {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let usual = ServerLimits::default();
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let own = OWN + others as u64;
    let wanted = usual.connections as u64 + own;
    let wanted = maximum.map_or(wanted, |maximum| maximum.min(wanted));
    let may_be_raised = current.is_some_and(|current| current < wanted);
    let raised = may_be_raised && setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum }).is_ok();
    let handles = if raised { Some(wanted) } else { current };
    let left = handles.map_or(wanted, |handles| handles.min(wanted)).saturating_sub(own).max(16);
    ServerLimits { connections: usize::try_from(left).unwrap_or(usual.connections), ..usual }
}

#[cfg(not(unix))]
pub(crate) fn limits(_: usize) -> ServerLimits {
    ServerLimits::default()
}
