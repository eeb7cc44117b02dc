//! The number of connections that the process has file handles for.

use weifen::inbox::ServerLimits;

/// File handles that are left for the database, deliveries, calls and the log.
#[cfg(unix)]
const OWN: usize = 128;

/// The usual limits for pushes, and the number of connections for the API, which wants `callers`: no more than there
/// are handles for, and then as many for pushes as for the API. Of the system's two bounds the lower one, which a
/// process may raise itself, is raised.
#[cfg(unix)]
pub(crate) fn limits(callers: usize) -> (ServerLimits, usize) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let usual = ServerLimits::default();
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = (usual.connections + OWN + callers) as u64;
    let wanted = maximum.map_or(wanted, |maximum| maximum.min(wanted));
    let may_be_raised = current.is_some_and(|current| current < wanted);
    let raised = may_be_raised && setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum }).is_ok();
    let handles = if raised { wanted } else { current.map_or(wanted, |handles| handles.min(wanted)) };
    let left = usize::try_from(handles).unwrap_or(usize::MAX).saturating_sub(OWN).max(32);
    let callers = callers.min(left.saturating_sub(usual.connections).max(left / 2));
    (ServerLimits { connections: usual.connections.min(left - callers), ..usual }, callers)
}

#[cfg(not(unix))]
pub(crate) fn limits(callers: usize) -> (ServerLimits, usize) {
    (ServerLimits::default(), callers)
}
