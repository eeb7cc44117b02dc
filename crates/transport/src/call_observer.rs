//! The observer of calls.

use std::fmt::Debug;
use std::time::Duration;

use weifen_proto::Operation;

use crate::CallError;

/// Observer of a client's calls, such as to count them.
pub trait CallObserver: Debug + Send + Sync {
    /// Reports a call that has ended, with the time that it and its repetitions took, and the error if it failed. A
    /// token fetch is a call of its own. It is called on the call's task, so it must not take long.
    fn called(&self, operation: &'static Operation, took: Duration, error: Option<&CallError>);
}
