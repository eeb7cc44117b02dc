//! POST /v1/quarantine/{id}/readmit

use std::sync::Arc;

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weifen::SetupError;
use weifen::config::Scope;
use weifen::inbox::{QuarantineFilter, Readmitted};

use crate::api::Api;
use crate::api::operation::{Method, Operation, Route};
use crate::api::problem::{Kind, Problem};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct ReadmitRequest {
    /// The entry's number.
    #[schema(minimum = 1)]
    id: i64,
}

#[derive(Serialize, ToSchema)]
pub(in crate::api) struct ReadmitAnswer {
    /// The entry's outcome: `stored` (to be delivered), `held`, `duplicate` or `dropped`; or `quarantined`, where it
    /// stays, by today's configuration too. More may come.
    #[schema(value_type = String)]
    receipt: &'static str,
}

impl Operation for ReadmitRequest {
    type Answer = ReadmitAnswer;

    const ROUTE: Route = Route {
        method: Method::Post,
        path: "/v1/quarantine/{id}/readmit",
        id: "readmit",
        summary: "Judge an entry of the quarantine again, by the current configuration",
        scope: Some(Scope::InboxWrite),
        problems: &[StatusCode::NOT_FOUND, StatusCode::NOT_IMPLEMENTED, StatusCode::SERVICE_UNAVAILABLE],
    };

    async fn answer(self, api: Arc<Api>) -> Result<ReadmitAnswer, Problem> {
        let intake = match &api.intake {
            Some(intake) => intake.clone(),
            None => api.inbox.receiving(api.config.inbox_rules().map_err(SetupError::from)?),
        };
        let readmitted = intake.readmit(QuarantineFilter::Id(self.id)).await?;
        match receipt(&readmitted) {
            Some(receipt) => Ok(ReadmitAnswer { receipt }),
            None => Err(Problem::new(Kind::NotFound, "no entry in quarantine has this id")
                .with_hint("a readmitted entry is now an event")),
        }
    }
}

/// The receipt of the only entry that was judged.
fn receipt(readmitted: &Readmitted) -> Option<&'static str> {
    let receipts = [
        ("stored", readmitted.stored),
        ("held", readmitted.held),
        ("duplicate", readmitted.duplicates),
        ("dropped", readmitted.dropped),
        ("quarantined", readmitted.quarantined.values().sum()),
    ];
    receipts.into_iter().find(|(_, count)| *count > 0).map(|(receipt, _)| receipt)
}
