//! The HTTP status for a request that is no push of ours.

/// The HTTP status for a request that is no push of ours, or can't be understood. Either way it is quarantined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UndecodableStatus {
    /// 200, as for any push: the sender sees no error, and does not send it again.
    #[default]
    Ok,
    /// 400.
    BadRequest,
}
