//! POST /v1/weiting/prize-notices · 中奖结果通知模板接口

use std::sync::Arc;

use serde::Deserialize;
use utoipa::ToSchema;
use weifen::config::Scope;
use weifen::weiting::{self, NoticeTexts, Openid};

use super::Done;
use crate::api::Api;
use crate::api::fault::Fault;
use crate::api::operation::{Key, Method, OF_CALLS, Operation, Route};
use crate::api::problem::Problem;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct PrizeNoticeRequest {
    /// The user who has won.
    #[schema(min_length = 1, format = "id")]
    openid: String,
    /// Opening words of the message.
    first: String,
    /// Activity in which the prize was won.
    activity: String,
    /// The prize.
    prize: String,
    /// Closing words of the message.
    remark: String,
    /// Page that the message leads to.
    url: String,
}

impl PrizeNoticeRequest {
    fn request(&self) -> Result<weiting::PrizeNoticeRequest, Problem> {
        let openid = Openid::new(&*self.openid).map_err(Fault::from)?;
        let texts = NoticeTexts {
            first: self.first.clone(),
            activity: self.activity.clone(),
            prize: self.prize.clone(),
            remark: self.remark.clone(),
            url: self.url.clone(),
        };
        Ok(weiting::PrizeNoticeRequest::new(openid, texts))
    }
}

impl Operation for PrizeNoticeRequest {
    type Answer = Done;

    const ROUTE: Route = Route {
        method: Method::Post,
        path: "/v1/weiting/prize-notices",
        id: "weitingPrizeNotice",
        summary: "中奖结果通知模板接口: send a user the notice of a prize",
        scope: Some(Scope::Weiting),
        problems: OF_CALLS,
    };

    const KEY: Key = Key::Needed;

    fn check(&self, _: &Api) -> Result<(), Problem> {
        self.request().map(drop)
    }

    async fn answer(self, api: Arc<Api>) -> Result<Done, Problem> {
        api.clients.weiting()?.prize_notice(&self.request()?).await?;
        Ok(Done { ok: true })
    }
}
