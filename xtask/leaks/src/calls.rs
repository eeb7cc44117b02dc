//! Calls of every operation, with canaries in all parameters.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use secrecy::SecretString;
use tokio::task::JoinSet;
use weifen::fensi::{AuthOpenId, Fensi, FensiBuilder, QrcodeRequest};
use weifen::proto::{Encoding, Operation};
use weifen::transport::{CallError, HyperTransport, RepeatPolicy, ReqwestTransport, Transport};
use weifen::weiting::{BodyEncoding, DeviceNo, Openid, OrderReportRequest, Weiting, WeitingBuilder};
use xtask_specimens::{Call, SPECIMENS, Specimen, Vendors};

use crate::canary::Secret;
use crate::capture::debugged;
use crate::vendor::{Manner, Vendor};

/// Outcome of a call: the answer in `Debug`, which may hold no secret, or the error.
pub(crate) struct Called {
    pub(crate) operation: &'static str,
    pub(crate) outcome: Result<String, CallError>,
}

/// Retry policy: one retry, after 5 ms.
fn repeats() -> RepeatPolicy {
    RepeatPolicy::default().attempts(2).first_pause(Duration::from_millis(5))
}

/// Returns a transport for a vendor of this manner, with a short timeout for a silent one.
///
/// # Errors
/// It can't be made.
pub(crate) fn transport(manner: Manner) -> Result<Arc<dyn Transport>> {
    let [transport, _] = transports(manner)?;
    Ok(transport)
}

/// Returns each of the transports over HTTP.
fn transports(manner: Manner) -> Result<[Arc<dyn Transport>; 2]> {
    let patience = if manner == Manner::Silent { Duration::from_millis(100) } else { Duration::from_secs(9) };
    let reqwest = ReqwestTransport::builder().timeout(patience).build()?;
    let hyper = HyperTransport::builder().timeout(patience).build()?;
    Ok([Arc::new(reqwest), Arc::new(hyper)])
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

/// Outcomes of the calls to one vendor.
pub(crate) struct Visit {
    pub(crate) manner: Manner,
    pub(crate) calls: Vec<Called>,
    pub(crate) signatures: Vec<String>,
}

/// Calls every operation over each transport at vendors of each of these manners, and the token's at vendors that
/// fail at it too.
///
/// # Errors
/// A call can't be made at all.
pub(crate) async fn everywhere(
    manners: &[Manner],
    through: fn(Arc<dyn Transport>) -> Arc<dyn Transport>,
) -> Result<Vec<Visit>> {
    let mut visits = JoinSet::new();
    for manner in manners.iter().copied() {
        let [reqwest, hyper] = transports(manner)?.map(through);
        for (transport, is_whole) in [(reqwest.clone(), false), (reqwest, true), (hyper.clone(), false), (hyper, true)]
        {
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
    called(&SPECIMENS[0], url, transport, Encoding::Json).await
}

/// Calls each operation in each of its encodings, by a client of its own, so that no call is withheld because of
/// another.
///
/// # Errors
/// A client or a request can't be made.
pub(crate) async fn all(url: &str, transport: &Arc<dyn Transport>) -> Result<Vec<Called>> {
    let mut all = Vec::new();
    for specimen in SPECIMENS {
        let Operation { vendor, encoding_selectable, .. } = *specimen.entry.operation;
        let encodings: &[Encoding] = match (encoding_selectable, vendor) {
            (false, _) => &[Encoding::Json],
            (true, weifen::proto::Vendor::Weiting) => &[Encoding::Json, Encoding::Form],
            (true, weifen::proto::Vendor::Fensi) => &[Encoding::Json, Encoding::Form, Encoding::Query],
        };
        for encoding in encodings {
            all.push(called(specimen, url, transport, *encoding).await?);
        }
    }
    Ok(all)
}

async fn called(specimen: &Specimen, url: &str, transport: &Arc<dyn Transport>, encoding: Encoding) -> Result<Called> {
    let body = if encoding == Encoding::Form { BodyEncoding::Form } else { BodyEncoding::Json };
    let clients = Vendors {
        weiting: weiting(url, transport.clone()).body_encoding(body).build()?,
        fensi: fensi(url, transport.clone()).encoding(encoding).build()?,
    };
    let outcome = request(specimen)?.send(&clients).await.map(|answer| debugged(&answer));
    Ok(Called { operation: specimen.name(), outcome })
}

/// The parameters whose values may be printed: identifiers, dates and numbers.
const PRINTABLE: [&str; 7] = ["appid", "openid", "transaction_date", "auth_open_id", "sex", "ip", "label"];

/// The canary in place of a parameter's value; `None` where the value may be printed.
fn canary(operation: &str, parameter: &str) -> Option<Secret> {
    Some(match (operation, parameter) {
        (_, "secret") => Secret::WeitingSecret,
        ("authorize_url", "state") => Secret::State,
        ("qrcode", "state") => Secret::QrcodeState,
        (_, "code") => Secret::Code,
        (_, "first") => Secret::First,
        (_, "activity") => Secret::Activity,
        (_, "prize") => Secret::Prize,
        (_, "remark") => Secret::Remark,
        (_, "url") => Secret::NoticeUrl,
        (_, "deviceno") => Secret::DeviceNo,
        (_, "operators") => Secret::Operators,
        (_, "qcellcore") => Secret::Qcellcore,
        (_, "traffic_package_name") => Secret::Package,
        (_, "ticket") => Secret::Ticket,
        (_, "nickname") => Secret::Nickname,
        (_, "city") => Secret::Extra,
        _ => return None,
    })
}

/// A value of each parameter: a canary, or one that may be printed.
pub(crate) fn value(specimen: &Specimen, parameter: &str) -> String {
    match canary(specimen.name(), parameter) {
        Some(secret) => secret.value(),
        None => specimen.example(parameter).to_owned(),
    }
}

/// Makes the request, with a canary for each value that must not be printed.
///
/// # Errors
/// It can't be made, or has a parameter that is neither printable nor has a canary.
pub(crate) fn request(specimen: &Specimen) -> Result<Box<dyn Call>> {
    for (parameter, _) in specimen.example {
        anyhow::ensure!(
            PRINTABLE.contains(parameter) || canary(specimen.name(), parameter).is_some(),
            "{} carries {parameter}: say in xtask/leaks/src/calls.rs whether it may be printed",
            specimen.name()
        );
    }
    (specimen.request)(&|parameter| value(specimen, parameter))
}

pub(crate) fn openid() -> Result<Openid> {
    Ok("an-openid".parse()?)
}

pub(crate) fn device_no() -> Result<DeviceNo> {
    Ok(Secret::DeviceNo.value().parse()?)
}

pub(crate) fn order_report() -> Result<OrderReportRequest> {
    Ok(OrderReportRequest::new(openid()?, device_no()?, Secret::Package.value())?)
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

/// Valid and invalid pushes, each with the path that it is sent to.
pub(crate) fn pushes() -> Vec<(String, Vec<u8>)> {
    let right = format!("/push/{}", Secret::PushSecret.value());
    let (name, parts) = (Secret::PushName.value(), Secret::PushName.parts());
    let cut = push("cut");
    let bodies = [
        push("unsolicited"),
        push("unsolicited"),
        push("foreign").replace("a-developer", "another"),
        push("a-number").replace("60", &format!("{name:?}")),
        push("twice").replacen('{', &format!("{{\"key\":{name:?},"), 1),
        cut[..cut.len() - 3].to_owned(),
        name.clone(),
        format!("key=a-key&nickname={name}"),
        format!("{{\"{}\":1}}", parts[0]),
        String::new(),
    ];
    let gbk = [b"{\"nickname\":\"\xd3\xc3", name.as_bytes(), b"\"}"].concat();
    let wrong = [
        format!("{right}/{}", parts[0]),
        format!("/{}", Secret::PushSecret.value()),
        format!("{right}?{}={}", parts[0], parts[1]),
        format!("{right}x"),
        right.to_uppercase(),
    ];
    let bodies = bodies.map(String::into_bytes).into_iter().chain([gbk]).map(|body| (right.clone(), body));
    bodies.chain(wrong.map(|path| (path, push("wrong").into_bytes()))).collect()
}
