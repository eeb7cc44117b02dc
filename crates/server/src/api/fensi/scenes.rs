//! GET /v1/fensi/scenes · 获取所有场景

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weifen::config::Scope;

use crate::api::Api;
use crate::api::operation::{Method, OF_CALLS, Operation, Route};
use crate::api::problem::Problem;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct ScenesRequest {}

#[derive(Serialize, ToSchema)]
pub(in crate::api) struct ScenesAnswer {
    #[schema(value_type = Vec<Scene>)]
    scenes: Vec<weifen::fensi::Scene>,
}

/// A kind of place where devices stand.
#[derive(ToSchema)]
#[expect(dead_code, reason = "its schema alone is used: the client's `Scene` writes it")]
struct Scene {
    /// The number that a QR code is asked for with, as `label`.
    id: u32,
    /// Its name; empty where the vendor gave none.
    name: String,
}

impl Operation for ScenesRequest {
    type Answer = ScenesAnswer;

    const ROUTE: Route = Route {
        method: Method::Get,
        path: "/v1/fensi/scenes",
        id: "fensiScenes",
        summary: "获取所有场景: the kinds of places for which QR codes can be requested",
        scope: Some(Scope::Fensi),
        problems: OF_CALLS,
    };

    async fn answer(self, api: Arc<Api>) -> Result<ScenesAnswer, Problem> {
        Ok(ScenesAnswer { scenes: api.clients.fensi()?.scenes().await? })
    }
}
