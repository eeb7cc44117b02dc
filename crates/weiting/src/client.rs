//! The client: a method for each operation of 微厅, and the one code path that calls all of them.

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

/// A client of 微厅. It fetches and renews the `access_token` by itself; clones share it.
///
/// Every method can fail with a [`CallError`], which says whether anything was sent, whether the vendor refused and
/// with which words, and whether the outcome is unknown.
#[derive(Debug, Clone)]
pub struct Weiting {
    driver: Arc<Driver>,
    api: Arc<VendorApi>,
    tokens: TokenManager,
}

impl Weiting {
    /// Returns a builder for the application `appid`, which authenticates with `secret`.
    pub fn builder(appid: impl Into<String>, secret: impl Into<SecretString>) -> WeitingBuilder {
        WeitingBuilder::new(appid.into(), secret.into())
    }

    pub(crate) fn new(driver: Arc<Driver>, api: Arc<VendorApi>, tokens: TokenManager) -> Self {
        Self { driver, api, tokens }
    }

    /// 获取AccessToken: the current token, fetched if the store has none; for programs that share it. While
    /// another process fetches one, this call waits until that process's fetch lease ends. All other calls wait for a
    /// token no longer than their own time limit.
    ///
    /// # Errors
    /// There was no valid token, and the fetch failed or was withheld. A repeat is safe; each fetch is counted.
    pub async fn access_token(&self) -> Result<Token, CallError> {
        self.tokens.current().await
    }

    /// The token manager: reads, renews and stores the token that calls carry.
    pub fn tokens(&self) -> &TokenManager {
        &self.tokens
    }

    /// 微信基本授权: the address of WeChat's consent page, to send the browser to.
    ///
    /// # Errors
    /// Nothing was sent, 微厅 refused, or no usable reply came. The call may be repeated.
    pub async fn authorize_url(&self, request: &AuthorizeUrlRequest) -> Result<Redirect, CallError> {
        self.call(request).await
    }

    /// 获取openid: the user back from the consent page. A code works once (assumed): a lost reply is not retried.
    ///
    /// # Errors
    /// Nothing was sent, 微厅 refused, or no usable reply came ([`Failure::UnknownOutcome`]: the code may be used).
    pub async fn openid_by_code(&self, request: &OpenidByCodeRequest) -> Result<Openid, CallError> {
        self.call(request).await
    }

    /// 通过OPENID获取微信绑定用户信息: a user and their bound devices.
    ///
    /// # Errors
    /// Nothing was sent (as without a `user_path`), 微厅 refused, or no usable reply came. The call may be repeated.
    pub async fn bound_user(&self, request: &BoundUserRequest) -> Result<BoundUser, CallError> {
        self.call(request).await
    }

    /// 中奖结果通知模板接口: sends a user a notice of their prize.
    ///
    /// # Errors
    /// Nothing was sent, 微厅 refused, or no usable reply came ([`Failure::UnknownOutcome`]: the notice may be sent).
    pub async fn prize_notice(&self, request: &PrizeNoticeRequest) -> Result<(), CallError> {
        self.call(request).await
    }

    /// 爱流量回传登录状态: reports a login.
    ///
    /// # Errors
    /// Nothing was sent, 微厅 refused, or no usable reply came ([`Failure::UnknownOutcome`]: the report may be made).
    pub async fn login_report(&self, request: &LoginReportRequest) -> Result<(), CallError> {
        self.call(request).await
    }

    /// 爱流量回传订购业务: reports an order, and returns the vendor's order number.
    ///
    /// # Errors
    /// Nothing was sent, 微厅 refused, or no usable reply came ([`Failure::UnknownOutcome`]: the report may be made).
    pub async fn order_report(&self, request: &OrderReportRequest) -> Result<OrderNumber, CallError> {
        self.call(request).await
    }

    /// APP快速入口: the mobile number of the user who came with a ticket. A lost reply is not retried.
    ///
    /// # Errors
    /// Nothing was sent, 微厅 refused, or no usable reply came ([`Failure::UnknownOutcome`]: the ticket may be used).
    pub async fn mobile_by_ticket(&self, request: &MobileByTicketRequest) -> Result<Mobile, CallError> {
        self.call(request).await
    }

    /// Calls any operation of 微厅 that carries the token: those above, and those that you add.
    ///
    /// A token that the vendor rejects is replaced by a new one, once. Where a limit withholds that fetch, the error is
    /// [`Failure::Withheld`], with the vendor's rejection as its hint. A failure is retried where a retry does no harm,
    /// as [`repeats`](WeitingBuilder::repeats) says, each time with the token that is then current.
    ///
    /// # Errors
    /// Nothing was sent, 微厅 refused, or no usable reply came; the [`Failure`] says whether the call may be repeated.
    pub async fn call<E: Endpoint>(&self, request: &E) -> Result<E::Answer, CallError> {
        const { assert!(matches!(E::OPERATION.vendor, Vendor::Weiting), "this operation belongs to another vendor") };
        const { assert!(matches!(E::OPERATION.access, Access::Token), "this operation uses no token") };

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
            Failure::Withheld(_) => error.with_hint(format!("the vendor rejected the token: {}", rejection.failure())),
            _ => error,
        })?;
        self.attempt(request, path, &token, deadline).await.map_err(|error| {
            if !rejects_token(&error) {
                return error;
            }
            error.with_hint("the vendor rejected the token, and then also the new token that replaced it")
        })
    }

    /// Returns the current token. A fetch that misses the deadline goes on, so that the next call has its token.
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
