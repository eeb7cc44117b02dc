//! `weifen inbox missing`: bookings that ended without a push.

use serde::Serialize;
use weifen::Config;
use weifen::fensi::{Fen, Reference};
use weifen::inbox::MissingPush;

use super::opened;
use crate::arguments::MissingArguments;
use crate::duration_argument::duration;
use crate::failure::Failure;
use crate::output::{Report, table};
use crate::times::at;

#[derive(Serialize)]
struct Row {
    auth_open_id: String,
    appid: String,
    key: String,
    booked_at: String,
    ended_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bid: Option<Fen>,
}

impl TryFrom<MissingPush> for Row {
    type Error = Failure;

    fn try_from(missing: MissingPush) -> Result<Self, Failure> {
        let (booked_at, ended_at) = (at(missing.booked_at)?, at(missing.ended_at)?);
        Ok(Self {
            auth_open_id: missing.auth_open_id,
            appid: missing.appid,
            key: missing.key,
            booked_at,
            ended_at,
            reference: missing.reference,
            bid: missing.bid,
        })
    }
}

impl Row {
    fn cells(&self) -> [String; 6] {
        let reference = self.reference.as_ref().map_or("", Reference::as_str);
        [&self.auth_open_id, &self.appid, &self.key, &self.booked_at, &self.ended_at, reference].map(str::to_owned)
    }
}

pub(super) async fn run(arguments: &MissingArguments, config: &Config) -> Result<Report, Failure> {
    let age = duration("--older-than", &arguments.older_than)?;
    let missing = opened::existing(config, async |inbox| Ok(inbox.missing(age).await?)).await?;
    let missing: Vec<_> = missing.into_iter().map(Row::try_from).collect::<Result<_, _>>()?;
    let people =
        table(["user", "account", "device", "booked_at", "ended_at", "reference"], missing.iter().map(Row::cells));
    Report::of("missing", &missing, people)
}
