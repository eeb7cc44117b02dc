//! Calls whose server has ended.

use weifen_database::Dialect;
use weifen_transport::StoreError;

use super::Store;

impl Store {
    /// Writes that calls which another run began in this SQLite file are unknown. A file has one server at a time.
    pub(crate) async fn abandon(&self) -> Result<(), StoreError> {
        if self.pool.dialect() != Dialect::Sqlite {
            return Ok(());
        }
        let failed = |error| self.pool.failed(error);
        let mut writing = self.pool.write().await.map_err(failed)?;
        let sql = "UPDATE calls SET outcome = 'unknown' WHERE outcome = 'begun' AND sender <> $1";
        let query = sqlx::query(sql).bind(&*self.sender);
        let abandoned = query.execute(&mut *writing.connection).await.map_err(failed)?.rows_affected();
        writing.commit().await?;
        if abandoned > 0 {
            tracing::warn!(
                calls = abandoned,
                "the previous server ended during calls: the outcome of these calls is unknown"
            );
        }
        Ok(())
    }
}
