//! GET /v1/weiting/users/{openid} · 通过OPENID获取微信绑定用户信息

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weifen::config::Scope;
use weifen::weiting::{BoundUser, BoundUserRequest, Openid};

use crate::api::Api;
use crate::api::fault::Fault;
use crate::api::operation::{Method, OF_CALLS, Operation, Route};
use crate::api::problem::Problem;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct UserRequest {
    /// The user.
    #[schema(min_length = 1)]
    openid: String,
}

#[derive(Serialize, ToSchema)]
pub(in crate::api) struct UserAnswer {
    #[schema(value_type = User)]
    user: BoundUser,
}

/// A user of 微厅 with the devices that they have bound, under the vendor's names.
#[derive(ToSchema)]
#[expect(dead_code, reason = "its schema alone is used: `BoundUser` writes it")]
struct User {
    /// The vendor's number of the record.
    #[schema(rename = "_id")]
    id: Option<String>,
    openid: String,
    nickname: Option<String>,
    /// The address of the user's picture.
    headimg: Option<String>,
    /// The version of the record.
    #[schema(rename = "__v")]
    version: Option<i64>,
    /// When the record was last changed.
    #[schema(rename = "updateAt", format = DateTime)]
    updated_at: Option<String>,
    /// When the record was made.
    #[schema(rename = "createAt", format = DateTime)]
    created_at: Option<String>,
    /// The slots of the user's list, empty ones included.
    accounts: Vec<Slot>,
}

/// A device that the user has bound; a slot that is empty has no `deviceno`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "its schema alone is used: `AccountSlot` writes it")]
struct Slot {
    /// The device's number.
    #[schema(required = false)]
    deviceno: String,
    /// What the device is, in the vendor's words.
    #[schema(required = false)]
    devicename: Option<String>,
    /// When it was bound: Beijing's civil time, such as `2016-05-27 11:04:36`.
    #[schema(required = false)]
    bindtime: Option<String>,
    /// The vendor's second field of the same meaning.
    #[schema(required = false)]
    bindtdate: Option<String>,
    /// The vendor's number of the customer.
    #[schema(required = false)]
    bpn: Option<String>,
    /// Digits, which the vendor doesn't explain.
    #[schema(required = false)]
    sort: Option<String>,
}

impl Operation for UserRequest {
    type Answer = UserAnswer;

    const ROUTE: Route = Route {
        method: Method::Get,
        path: "/v1/weiting/users/{openid}",
        id: "weitingUser",
        summary: "通过OPENID获取微信绑定用户信息: a user and their bound devices",
        scope: Some(Scope::Weiting),
        problems: OF_CALLS,
    };

    async fn answer(self, api: Arc<Api>) -> Result<UserAnswer, Problem> {
        let request = Openid::new(self.openid).map(BoundUserRequest::new);
        let request = request.map_err(|error| Fault::of_parameter("openid", error.problem()))?;
        Ok(UserAnswer { user: api.clients.weiting()?.bound_user(&request).await? })
    }
}
