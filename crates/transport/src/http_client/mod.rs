//! Everything that [`ReqwestTransport`](crate::ReqwestTransport) and [`HyperTransport`](crate::HyperTransport) have in
//! common: settings, names, the reading of a body, and the telling of faults.

mod body;
pub(crate) mod diagnosis;
mod hosts;
mod names;
mod settings;

pub(crate) use self::body::CappedBody;
pub(crate) use self::hosts::{is_this_machine, refuse_own_address};
pub(crate) use self::names::Names;
pub use self::names::Resolver;
pub(crate) use self::settings::{IDLE, Settings, USER_AGENT};
