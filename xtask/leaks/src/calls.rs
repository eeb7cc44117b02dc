//! Every operation, called with canaries in everything that it takes.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use secrecy::SecretString;
use tokio::task::JoinSet;
use weifen::fensi::{AuthOpenId, Fensi, FensiBuilder, QrcodeRequest};
use weifen::proto::Encoding;
use weifen::transport::{CallError, RepeatPolicy, ReqwestTransport, Transport};
use weifen::weiting::{
    AuthorizeUrlRequest, BodyEncoding, BoundUserRequest, DeviceNo, LoginReportRequest, MobileByTicketRequest,
    NoticeTexts, Openid, OpenidByCodeRequest, OrderReportRequest, PrizeNoticeRequest, Weiting, WeitingBuilder,
};

use crate::canary::Secret;
use crate::capture::debugged;
use crate::vendor::{Manner, Vendor};

/// What a call came to: the answer in `Debug`, which may hold nothing secret, or the error.
pub(crate) struct Called {
    pub(crate) operation: &'static str,
    pub(crate) outcome: Result<String, CallError>,
}

/// How a call is repeated: soon, and once.
fn repeats() -> RepeatPolicy {
    RepeatPolicy::default().attempts(2).first_pause(Duration::from_millis(5))
}

/// What sends to a vendor of this manner: nobody waits long for one that is silent.
///
/// # Errors
/// When it can't be made.
pub(crate) fn transport(manner: Manner) -> Result<Arc<dyn Transport>> {
    let patience = if manner == Manner::Silent { Duration::from_millis(100) } else { Duration::from_secs(9) };
    Ok(Arc::new(ReqwestTransport::builder().timeout(patience).build()?))
}

pub(crate) fn weiting(url: &str, transport: Arc<dyn Transport>) -> WeitingBuilder {
    Weiting::builder("an-appid", SecretString::from(Secret::WeitingSecret.value()))
        .base_url(url)
        .user_path("/user")
        .body_encoding(BodyEncoding::Json)
        .transport(transport)
        .repeats(repeats())
}

pub(crate) fn fensi(url: &str, transport: Arc<dyn Transport>) -> FensiBuilder {
    Fensi::builder("a-developer", SecretString::from(Secret::AppSecret.value()))
        .base_url(url)
        .key("a-key")
        .transport(transport)
        .repeats(repeats())
}

/// What calls came to at a vendor.
pub(crate) struct Visit {
    pub(crate) manner: Manner,
    pub(crate) calls: Vec<Called>,
    pub(crate) signatures: Vec<String>,
}

/// Every operation at vendors of each of these manners, and the token's at vendors that fail at it too.
///
/// # Errors
/// When a call can't be made at all.
pub(crate) async fn everywhere(
    manners: &[Manner],
    through: fn(Arc<dyn Transport>) -> Arc<dyn Transport>,
) -> Result<Vec<Visit>> {
    let mut visits = JoinSet::new();
    for manner in manners.iter().copied() {
        for is_whole in [false, true] {
            let transport = through(transport(manner)?);
            visits.spawn(async move {
                let vendor = Vendor::start(manner, is_whole)?;
                let calls = if is_whole {
                    vec![token(&vendor.url(), &transport).await?]
                } else {
                    all(&vendor.url(), &transport).await?
                };
                anyhow::Ok(Visit { manner, calls, signatures: vendor.signatures() })
            });
        }
    }
    visits.join_all().await.into_iter().collect()
}

/// Fetches a token.
async fn token(url: &str, transport: &Arc<dyn Transport>) -> Result<Called> {
    let outcome = shown(weiting(url, transport.clone()).build()?.access_token().await);
    Ok(Called { operation: "access_token", outcome })
}

/// Calls each operation by a client of its own, so that none is held back by what became of another.
///
/// # Errors
/// When a client or a request can't be made.
pub(crate) async fn all(url: &str, transport: &Arc<dyn Transport>) -> Result<Vec<Called>> {
    let mut called = vec![token(url, transport).await?];
    let mut note = |operation, outcome| called.push(Called { operation, outcome });
    let weiting = || weiting(url, transport.clone());
    let form = || weiting().body_encoding(BodyEncoding::Form).build();
    note("authorize_url", shown(weiting().build()?.call(&authorize_url()?).await));
    note("authorize_url as a form", shown(form()?.call(&authorize_url()?).await));
    note("openid_by_code", shown(weiting().build()?.call(&openid_by_code()?).await));
    note("openid_by_code as a form", shown(form()?.call(&openid_by_code()?).await));
    note("bound_user", shown(weiting().build()?.call(&BoundUserRequest::new(openid()?)).await));
    note("prize_notice", shown(weiting().build()?.call(&prize_notice()?).await));
    note("login_report", shown(weiting().build()?.call(&login_report()?).await));
    note("order_report", shown(weiting().build()?.call(&order_report()?).await));
    note("mobile_by_ticket", shown(weiting().build()?.call(&mobile_by_ticket()?).await));
    for encoding in [Encoding::Json, Encoding::Form, Encoding::Query] {
        let fensi = fensi(url, transport.clone()).encoding(encoding).build()?;
        note("qrcode", shown(fensi.qrcode(&qrcode()?).await));
        note("scenes", shown(fensi.scenes().await));
        note("cities", shown(fensi.cities().await));
    }
    Ok(called)
}

fn shown<T: std::fmt::Debug>(outcome: Result<T, CallError>) -> Result<String, CallError> {
    outcome.map(|answer| debugged(&answer))
}

pub(crate) fn openid() -> Result<Openid> {
    Ok("an-openid".parse()?)
}

pub(crate) fn device_no() -> Result<DeviceNo> {
    Ok(Secret::DeviceNo.value().parse()?)
}

pub(crate) fn authorize_url() -> Result<AuthorizeUrlRequest> {
    Ok(AuthorizeUrlRequest::new(Secret::State.value())?)
}

pub(crate) fn openid_by_code() -> Result<OpenidByCodeRequest> {
    Ok(OpenidByCodeRequest::new(Secret::Code.value().parse()?))
}

pub(crate) fn prize_notice() -> Result<PrizeNoticeRequest> {
    let [first, activity, prize, remark, url] =
        [Secret::First, Secret::Activity, Secret::Prize, Secret::Remark, Secret::NoticeUrl].map(Secret::value);
    Ok(PrizeNoticeRequest::new(openid()?, NoticeTexts { first, activity, prize, remark, url }))
}

pub(crate) fn login_report() -> Result<LoginReportRequest> {
    let report = LoginReportRequest::new(openid()?, device_no()?);
    Ok(report.operators(Secret::Operators.value()).qcellcore(Secret::Qcellcore.value()))
}

pub(crate) fn order_report() -> Result<OrderReportRequest> {
    Ok(OrderReportRequest::new(openid()?, device_no()?, Secret::Package.value())?)
}

pub(crate) fn mobile_by_ticket() -> Result<MobileByTicketRequest> {
    Ok(MobileByTicketRequest::new(Secret::Ticket.value().parse()?))
}

pub(crate) fn qrcode() -> Result<QrcodeRequest> {
    let user: AuthOpenId = "a-user".parse()?;
    let request = QrcodeRequest::new(user, Secret::Nickname.value(), [183, 13, 188, 125].into())?;
    Ok(request.state(Secret::QrcodeState.value())?.extra("city", Secret::Extra.value())?)
}

/// A push of the user, as the vendor writes it.
pub(crate) fn push(user: &str) -> String {
    serde_json::json!({
        "key": "a-key", "develop_appid": "a-developer", "auth_open_id": user, "bidding": 60, "appid": "wx-account",
        "appname": "七彩东莞", "openid": "an-openid", "nickname": Secret::PushName.value(),
        "state": Secret::PushState.value(),
    })
    .to_string()
}
