//! Who hands out events, and the pause of deliveries, for all servers of a database.

use sqlx::AnyConnection;
use weifen_transport::StoreError;

use super::{Store, column};

/// A way in which events leave the inbox. The server that began last decides for all of its database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// To a handler, which may be a webhook.
    Handler,
    /// To consumers that claim and acknowledge them.
    Pull,
}

impl Mode {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Handler => "handler",
            Self::Pull => "pull",
        }
    }
}

/// Number of resumptions so far, and the number at the last pause: deliveries are paused while both are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Switch {
    pub(crate) resumptions: i64,
    pub(crate) paused_in: Option<i64>,
    /// `None` while no server has handed out any.
    pub(crate) mode: Option<Mode>,
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

    /// Makes this the way in which events leave the inbox, and resumes deliveries.
    pub(crate) async fn begin(&self, mode: Mode) -> Result<(), StoreError> {
        let failed = |error| self.pool.failed(error);
        let mut writing = self.write_among_others().await.map_err(failed)?;
        let sql = "UPDATE deliveries SET resumptions = resumptions + 1, mode = $1";
        sqlx::query(sql).bind(mode.as_str()).execute(&mut *writing.connection).await.map_err(failed)?;
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
    // By its key: PostgreSQL takes a scan of the table for so dear that it compiles it first.
    let sql = "SELECT resumptions, paused_in, mode FROM deliveries WHERE id = 1";
    let row = sqlx::query(sql).fetch_one(connection).await?;
    let mode: Option<String> = column(&row, "mode")?;
    let known = [Mode::Handler, Mode::Pull].into_iter();
    Ok(Switch {
        resumptions: column(&row, "resumptions")?,
        paused_in: column(&row, "paused_in")?,
        mode: known.into_iter().find(|known| mode.as_deref() == Some(known.as_str())),
    })
}
