//! The client: each operation of 微厅 by name, and the one way in which all of them are called.

use std::sync::Arc;

use secrecy::SecretString;
use weifen_proto::weiting::{
    AuthorizeUrlRequest, BoundUser, BoundUserRequest, LoginReportRequest, Mobile, MobileByTicketRequest, Openid,
    OpenidByCodeRequest, OrderNumber, OrderReportRequest, PrizeNoticeRequest, Redirect,
};
use weifen_proto::{Access, Endpoint, RefusalKind, Vendor};
use weifen_transport::{CallError, Deadline, Driver, Failure, encode};

use crate::WeitingBuilder;
use crate::token::{Token, TokenManager};
use crate::vendor_api::VendorApi;

/// A client of 微厅. It holds the `access_token` for its caller; clones share it.
///
/// Every method can fail with a [`CallError`], which says whether anything was sent, whether the vendor refused and with
/// which words, and whether the outcome is unknown.
#[derive(Debug, Clone)]
pub struct Weiting {
    driver: Arc<Driver>,
    api: Arc<VendorApi>,
    tokens: TokenManager,
}

impl Weiting {
    /// A client for the application `appid`, which proves itself by `secret`.
    pub fn builder(appid: impl Into<String>, secret: impl Into<SecretString>) -> WeitingBuilder {
        WeitingBuilder::new(appid.into(), secret.into())
    }

    pub(crate) fn new(driver: Arc<Driver>, api: Arc<VendorApi>, tokens: TokenManager) -> Self {
        Self { driver, api, tokens }
    }

    /// 获取AccessToken: the token that calls carry now, fetched if there is none. For programs that share it. Where another
    /// process is fetching one, that is waited for as long as its right to fetch lasts; the other calls wait for it no
    /// longer than they may take themselves.
    ///
    /// # Errors
    /// When a token had to be fetched and could not be.
    pub async fn access_token(&self) -> Result<Token, CallError> {
        self.tokens.current().await
    }

    /// The life of the token: what is stored, refreshed and waited for.
    pub fn tokens(&self) -> &TokenManager {
        &self.tokens
    }

    /// 微信基本授权: the address of WeChat's consent page, to send the browser to.
    ///
    /// # Errors
    /// See [`Weiting`].
    pub async fn authorize_url(&self, request: &AuthorizeUrlRequest) -> Result<Redirect, CallError> {
        self.call(request).await
    }

    /// 获取openid: who came back from the consent page. A code works once (assumed), so a lost reply is not asked again.
    ///
    /// # Errors
    /// See [`Weiting`].
    pub async fn openid_by_code(&self, request: &OpenidByCodeRequest) -> Result<Openid, CallError> {
        self.call(request).await
    }

    /// 通过OPENID获取微信绑定用户信息: a user and their bound devices.
    ///
    /// # Errors
    /// See [`Weiting`]; without a configured `user_path` nothing is sent.
    pub async fn bound_user(&self, request: &BoundUserRequest) -> Result<BoundUser, CallError> {
        self.call(request).await
    }

    /// 中奖结果通知模板接口: tells a user of a prize.
    ///
    /// # Errors
    /// See [`Weiting`].
    pub async fn prize_notice(&self, request: &PrizeNoticeRequest) -> Result<(), CallError> {
        self.call(request).await
    }

    /// 爱流量回传登录状态: reports a login.
    ///
    /// # Errors
    /// See [`Weiting`].
    pub async fn login_report(&self, request: &LoginReportRequest) -> Result<(), CallError> {
        self.call(request).await
    }

    /// 爱流量回传订购业务: reports an order, and gets the vendor's number of it.
    ///
    /// # Errors
    /// See [`Weiting`].
    pub async fn order_report(&self, request: &OrderReportRequest) -> Result<OrderNumber, CallError> {
        self.call(request).await
    }

    /// APP快速入口: the mobile number of the user who came with a ticket.
    ///
    /// # Errors
    /// See [`Weiting`].
    pub async fn mobile_by_ticket(&self, request: &MobileByTicketRequest) -> Result<Mobile, CallError> {
        self.call(request).await
    }

    /// Calls any operation of 微厅 that carries the token: those above, and those that you add.
    ///
    /// A token that the vendor rejects is dropped and fetched anew, once. Where a limit keeps that fetch back, the
    /// vendor's rejection is the error. What failed without harm is called again, as
    /// [`repeats`](WeitingBuilder::repeats) says, each time with the token of that moment.
    ///
    /// # Errors
    /// See [`Weiting`].
    pub async fn call<E: Endpoint>(&self, request: &E) -> Result<E::Answer, CallError> {
        const { assert!(matches!(E::OPERATION.vendor, Vendor::Weiting), "this operation is another vendor's") };
        const { assert!(matches!(E::OPERATION.access, Access::Token), "this operation carries no token") };

        self.driver.repeat(const { &E::OPERATION }, |deadline| self.with_token(request, deadline)).await
    }

    async fn with_token<E: Endpoint>(&self, request: &E, deadline: Deadline) -> Result<E::Answer, CallError> {
        let path = self.api.path(const { &E::OPERATION }).map_err(|e| failed::<E>(e))?;
        let token = self.token(deadline).await?;
        let rejection = match self.attempt(request, path, &token, deadline).await {
            Err(error) if rejects_token(&error) => error,
            outcome => return outcome,
        };
        self.tokens.rejected(&token);
        let token = self.token(deadline).await.map_err(|error| match error.failure() {
            Failure::Withheld(withheld) => rejection.with_hint(format!("no new token was fetched: {withheld}")),
            _ => error,
        })?;
        self.attempt(request, path, &token, deadline).await.map_err(|error| {
            if !rejects_token(&error) {
                return error;
            }
            error.with_hint("the vendor rejected the token, and the new one that was fetched in its place as well")
        })
    }

    /// The token of this moment. One that does not come in time is fetched to its end all the same, for the next call.
    async fn token(&self, deadline: Deadline) -> Result<Token, CallError> {
        match self.tokens.cached() {
            Some(token) => Ok(token),
            None => self.tokens.until(deadline, self.tokens.current()).await,
        }
    }

    async fn attempt<E: Endpoint>(
        &self,
        request: &E,
        path: &str,
        token: &Token,
        deadline: Deadline,
    ) -> Result<E::Answer, CallError> {
        let encoding = self.api.encoding(const { &E::OPERATION });
        let query = [("access_token", token.value().as_str())];
        let request =
            encode(&self.api.base_url, path, encoding, &query, &request.parameters()).map_err(|e| failed::<E>(e))?;
        let outcome = self.driver.call::<E>(request, deadline).await;
        outcome.map_err(|error| self.api.explain(error))
    }
}

fn failed<E: Endpoint>(failure: impl Into<Failure>) -> CallError {
    CallError::new(const { &E::OPERATION }, failure)
}

fn rejects_token(error: &CallError) -> bool {
    error.refusal().is_some_and(|refusal| refusal.kind() == RefusalKind::TokenRejected)
}
