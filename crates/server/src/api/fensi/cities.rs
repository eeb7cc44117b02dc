//! GET /v1/fensi/cities · 获取所有城市

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weifen::config::Scope;

use crate::api::Api;
use crate::api::operation::{Method, OF_CALLS, Operation, Route};
use crate::api::problem::Problem;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct CitiesRequest {}

#[derive(Serialize, ToSchema)]
pub(in crate::api) struct CitiesAnswer {
    #[schema(value_type = Vec<City>)]
    cities: Vec<weifen::fensi::City>,
}

/// A city that the platform knows.
#[derive(ToSchema)]
#[expect(dead_code, reason = "its schema alone is used: the client's `City` writes it")]
struct City {
    /// The number that QR codes carry as `city_code`.
    id: u32,
    /// Its name; empty where the vendor gave none.
    name: String,
}

impl Operation for CitiesRequest {
    type Answer = CitiesAnswer;

    const ROUTE: Route = Route {
        method: Method::Get,
        path: "/v1/fensi/cities",
        id: "fensiCities",
        summary: "获取所有城市: the cities that the platform knows",
        scope: Some(Scope::Fensi),
        problems: OF_CALLS,
    };

    async fn answer(self, api: Arc<Api>) -> Result<CitiesAnswer, Problem> {
        Ok(CitiesAnswer { cities: api.clients.fensi()?.cities().await? })
    }
}
