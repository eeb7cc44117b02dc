//! The answer to what is no push of ours.

/// The HTTP status that answers what is no push of ours, or can't be understood. It is in quarantine either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UndecodableStatus {
    /// 200, as for any push: nobody is told, and nobody sends it again.
    #[default]
    Ok,
    /// 400.
    BadRequest,
}
