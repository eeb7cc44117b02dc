//! The pause of deliveries, for all servers of a database: their receiver asked for no more, until someone resumes.

use sqlx::AnyConnection;
use weifen_transport::StoreError;

use super::{Store, column};

/// Number of resumptions so far, and the number at the last pause: deliveries are paused while both are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Switch {
    pub(crate) resumptions: i64,
    pub(crate) paused_in: Option<i64>,
}

impl Switch {
    pub(super) fn is_paused(self) -> bool {
        self.paused_in == Some(self.resumptions)
    }
}

impl Store {
    pub(crate) async fn switch(&self) -> Result<Switch, StoreError> {
        let failed = |error| self.pool.failed(error);
        let (mut connection, _) = self.pool.read().await.map_err(failed)?;
        switch(&mut connection).await.map_err(failed)
    }

    /// Pauses deliveries, unless they were resumed since.
    pub(crate) async fn pause(&self, resumptions: i64) -> Result<(), StoreError> {
        let failed = |error| self.pool.failed(error);
        let mut writing = self.pool.write().await.map_err(failed)?;
        let sql = "UPDATE deliveries SET paused_in = $1 WHERE resumptions = $1";
        sqlx::query(sql).bind(resumptions).execute(&mut *writing.connection).await.map_err(failed)?;
        writing.commit().await
    }

    /// Resumes deliveries; returns true if they were paused.
    pub(crate) async fn resume(&self) -> Result<bool, StoreError> {
        let failed = |error| self.pool.failed(error);
        let mut writing = self.write_among_others().await.map_err(failed)?;
        let before = switch(&mut writing.connection).await.map_err(failed)?;
        let sql = "UPDATE deliveries SET resumptions = resumptions + 1";
        sqlx::query(sql).execute(&mut *writing.connection).await.map_err(failed)?;
        writing.commit().await?;
        Ok(before.is_paused())
    }
}

pub(super) async fn switch(connection: &mut AnyConnection) -> Result<Switch, sqlx::Error> {
    let row = sqlx::query("SELECT resumptions, paused_in FROM deliveries").fetch_one(connection).await?;
    Ok(Switch { resumptions: column(&row, "resumptions")?, paused_in: column(&row, "paused_in")? })
}
