//! What is committed together with the end of a call.

use std::fmt::Debug;

use async_trait::async_trait;
use weifen_database::Writing;

use crate::Answer;

/// The end of a call that was done, with rows of its own, such as the booking of a QR code.
#[async_trait]
pub trait Finish: Debug + Send + Sync {
    /// Writes those rows, and returns the answer that tells of them. Both are committed with the call's end, or none
    /// is: then it is called again.
    ///
    /// It may await this database alone, and must not block: every other commit waits meanwhile.
    ///
    /// # Errors
    /// The error of the database. All writes of this transaction are undone, including the ends of other calls.
    async fn finish(&self, writing: &mut Writing<'_>) -> Result<Answer, sqlx::Error>;
}
