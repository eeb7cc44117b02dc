//! The steps: each calls one operation and compares the answer with the sandbox's state.

use std::error::Error;

use bytes::Bytes;
use http::{Request, Response, header};
use serde::Serialize;
use serde_json::{Value, json};
use weifen::fensi::{AuthOpenId, Qrcode, QrcodeRequest, SceneId, Sex};
use weifen::proto::RefusalKind;
use weifen::sandbox::{Follow, test_data};
use weifen::weiting::{
    AuthorizeUrlRequest, BoundUserRequest, DeviceNo, LoginReportRequest, MobileByTicketRequest, NoticeTexts, Openid,
    OpenidByCodeRequest, OrderReportRequest, PrizeNoticeRequest, Ticket,
};

use super::browser;
use super::play::{Done, Play, Stopped};
use super::stage::Stage;
use crate::qr;

const COME_BACK_TO: &str = "http://127.0.0.1/back?device=7";
/// The number in the documented example.
const NUMBER: &str = "18964524000";
const NOBODYS_SCENE: SceneId = SceneId(test_data::LABEL_WITHOUT_ACCOUNTS);

pub(super) async fn all(stage: &mut Stage, play: &mut Play) -> Result<(), Stopped> {
    play.step("access_token", access_token(stage)).await?;
    let redirect = play.step("authorize_url", authorize_url(stage)).await?;
    let callback = play.step("consent", consent(stage, &redirect)).await?;
    let openid = play.step("openid_by_code", openid_by_code(stage, &callback)).await?;
    play.step("openid_by_code", spent_code(stage, &callback)).await?;
    play.step("bound_user", bound_user(stage, &openid)).await?;
    play.step("prize_notice", prize_notice(stage, &openid)).await?;
    play.step("login_report", login_report(stage, &openid)).await?;
    play.step("order_report", order_report(stage, &openid)).await?;
    play.step("mobile_by_ticket", mobile_by_ticket(stage)).await?;
    play.step("scenes", scenes(stage)).await?;
    play.step("cities", cities(stage)).await?;
    let qrcode = play.step("qrcode", qrcode(stage)).await?;
    play.step("push", push(stage, &qrcode)).await?;
    play.step("qrcode", no_match(stage)).await?;
    play.step("api", over_the_api(stage)).await
}

async fn access_token(stage: &Stage) -> Done<()> {
    let token = stage.weiting.access_token().await?;
    let issued = &stage.sandbox.state()["weiting"]["tokens"]["issued"];
    ensure(issued[0]["access_token"] == token.value().as_str(), "the token is not the one that was issued")?;
    ensure(issued[0]["live"] == true, "the token is not valid")?;
    let ends = jiff::Timestamp::try_from(token.expires_at())?;
    Ok(((), format!("a token until {ends:.0}, which every call below uses")))
}

async fn authorize_url(stage: &Stage) -> Done<String> {
    let redirect = stage.weiting.authorize_url(&AuthorizeUrlRequest::new(COME_BACK_TO)?).await?;
    ensure(redirect.as_str() == last_answer(stage)["redirect"], "the address is not the one that was answered")?;
    ensure(redirect.as_str().ends_with("#wechat_redirect"), "the address is cut short")?;
    Ok((redirect.as_str().to_owned(), "the consent page's address, byte for byte".to_owned()))
}

async fn consent(stage: &Stage, redirect: &str) -> Done<String> {
    let callback = browser::consent(&*stage.transport, redirect).await?;
    ensure(callback.starts_with(COME_BACK_TO), "the browser came back elsewhere")?;
    Ok((callback, "a browser opened the page, agreed, and came back with a code".to_owned()))
}

async fn openid_by_code(stage: &Stage, callback: &str) -> Done<Openid> {
    let openid = stage.weiting.openid_by_code(&OpenidByCodeRequest::from_callback(callback)?).await?;
    ensure(openid.as_str() == test_data::OPENID, "the openid is not that of the user who agreed")?;
    let detail = format!("the code gives the openid {openid}");
    Ok((openid, detail))
}

async fn spent_code(stage: &Stage, callback: &str) -> Done<()> {
    let Err(error) = stage.weiting.openid_by_code(&OpenidByCodeRequest::from_callback(callback)?).await else {
        return Err("a spent code was accepted".into());
    };
    let Some(refusal) = error.refusal() else { return Err(error.into()) };
    ensure(refusal.kind() == RefusalKind::CodeExpired, "the refusal has another kind")?;
    Ok(((), format!("a second time it is refused, as it should be: {} {}", refusal.code(), refusal.message())))
}

async fn bound_user(stage: &Stage, openid: &Openid) -> Done<()> {
    let user = stage.weiting.bound_user(&BoundUserRequest::new(openid.clone())).await?;
    ensure_answered(stage, "result", &user)?;
    let (bound, slots) = (user.accounts().count(), user.slots.len());
    ensure(bound == 3, "the user has not the three numbers that the sandbox knows")?;
    Ok(((), format!("{bound} numbers are bound, {} slots are empty", slots - bound)))
}

async fn prize_notice(stage: &Stage, openid: &Openid) -> Done<()> {
    let [first, activity, prize, remark, url] =
        ["恭喜中奖", "老司机大比拼", "限量精美玩偶一个", "请到前台领取", "http://127.0.0.1/prize"].map(str::to_owned);
    let sent = json!({
        "openid": openid, "first": first, "activity": activity, "prize": prize, "remark": remark, "url": url,
    });
    let told = format!("a notice of the prize {prize} was sent");
    let texts = NoticeTexts { first, activity, prize, remark, url };
    stage.weiting.prize_notice(&PrizeNoticeRequest::new(openid.clone(), texts)).await?;
    ensure(holds(&stage.sandbox.state()["weiting"]["notices"], &sent), "the sandbox sent no such notice")?;
    Ok(((), told))
}

async fn login_report(stage: &Stage, openid: &Openid) -> Done<()> {
    let report =
        LoginReportRequest::new(openid.clone(), DeviceNo::new(NUMBER)?).operators("中国电信").qcellcore("上海");
    stage.weiting.login_report(&report).await?;
    let sent = json!({"openid": openid, "deviceno": NUMBER, "operators": "中国电信", "qcellcore": "上海"});
    ensure(holds(&stage.sandbox.state()["weiting"]["login_reports"], &sent), "the sandbox has no such report")?;
    Ok(((), "a login was reported".to_owned()))
}

async fn order_report(stage: &Stage, openid: &Openid) -> Done<()> {
    let day = jiff::civil::date(2016, 5, 27);
    let report = OrderReportRequest::new(openid.clone(), DeviceNo::new(NUMBER)?, "1G包")?.ordered_on(day)?;
    let number = stage.weiting.order_report(&report).await?;
    let sent = json!({
        "order_number": number, "openid": openid, "deviceno": NUMBER, "traffic_package_name": "1G包",
        "transaction_date": "2016-05-27",
    });
    ensure(holds(&stage.sandbox.state()["weiting"]["orders"], &sent), "the sandbox has no such order")?;
    Ok(((), format!("an order was reported and has the number {number}")))
}

async fn mobile_by_ticket(stage: &Stage) -> Done<()> {
    let (ticket, number) = test_data::TICKETS[0];
    let mobile = stage.weiting.mobile_by_ticket(&MobileByTicketRequest::new(Ticket::new(ticket)?)).await?;
    ensure(mobile.as_str() == number, "the number is not that of the ticket")?;
    Ok(((), "a ticket gives a mobile number".to_owned()))
}

async fn scenes(stage: &Stage) -> Done<()> {
    let scenes = stage.fensi.scenes().await?;
    ensure_answered(stage, "data", &scenes)?;
    ensure(scenes.len() == 9, "the scenes are not the nine documented ones")?;
    Ok(((), format!("{} kinds of places", scenes.len())))
}

async fn cities(stage: &Stage) -> Done<()> {
    let cities = stage.fensi.cities().await?;
    ensure_answered(stage, "data", &cities)?;
    ensure(cities.len() == 4, "the cities are not the four documented ones")?;
    Ok(((), format!("{} cities", cities.len())))
}

async fn qrcode(stage: &Stage) -> Done<Qrcode> {
    let request = asked()?.state("demo-visit-1")?;
    let qrcode = stage.fensi.qrcode(&request).await?.ok_or("no account matched")?;
    let answered = last_answer(stage)["data"].clone();
    ensure(serde_json::to_value(&qrcode)? == answered, "the account is not the one that was answered")?;
    let content = qr::content_of(&*stage.transport, &qrcode.image_url).await?;
    ensure(content.starts_with(b"http://weixin.qq.com/q/"), "the image contains another code than the account's")?;
    qr::draw(&content)?;
    let name = qrcode.appname.as_deref().unwrap_or_default();
    let detail = format!("{name} pays {} for a follow; its image was fetched and its code read", qrcode.bid);
    Ok((qrcode, detail))
}

/// The user follows the account, and the platform pushes twice.
async fn push(stage: &Stage, qrcode: &Qrcode) -> Done<()> {
    let followed = stage.sandbox.follow(Follow::by(test_data::AUTH_OPEN_ID).times(2)).await?;
    ensure(followed.deliveries.iter().all(|delivery| delivery.status == Some(200)), "the push was not acknowledged")?;
    let (event, webhook_id) = stage.server.next().await.ok_or("the event was not delivered")?;
    let push = &event.push;
    ensure(serde_json::to_value(push)? == followed.push, "the event is not the push that was sent")?;
    ensure(push.appid == qrcode.appid && push.bid == qrcode.bid, "the push has another account or bid")?;
    ensure(push.state.as_deref() == Some("demo-visit-1"), "the state did not come back")?;
    let kept = stage.server.inbox().events(None, 0).await?;
    let is_one = matches!(&kept[..], [event] if event.key == webhook_id && event.duplicates == 1);
    ensure(is_one, "the second copy was not recognised")?;
    Ok((
        (),
        format!(
            "the user followed; the push of {} was stored, acknowledged, and delivered once, though it came twice",
            push.bid
        ),
    ))
}

async fn no_match(stage: &Stage) -> Done<()> {
    let matched = stage.fensi.qrcode(&asked()?.label(NOBODYS_SCENE)).await?;
    ensure(matched.is_none(), "an account matched although none exists")?;
    ensure(last_answer(stage)["code"] == 50000, "the sandbox answered another code")?;
    Ok(((), format!("no account matches in scene {NOBODYS_SCENE}: an everyday answer, not an error")))
}

/// Another user's QR code, as a program in any language asks for it; the first answer is taken for lost.
async fn over_the_api(stage: &Stage) -> Done<()> {
    let calls = || stage.sandbox.log().iter().filter(|entry| entry.operation == Some("qrcode")).count();
    let before = calls();
    let (lost, again) = (api_qrcode(stage).await?, api_qrcode(stage).await?);
    ensure(lost.status().is_success(), "it was not answered")?;
    ensure(again.body() == lost.body(), "the second answer is another one")?;
    ensure(calls() == before + 1, "the vendor was not called once")?;
    let booking = &serde_json::from_slice::<Value>(lost.body())?["booking"];
    ensure(booking["reference"] == "order 7" && booking["status"] == "open", "it is not booked")?;
    Ok((
        (),
        "a QR code was asked for twice under one key: the vendor was called once, and the code is booked".to_owned(),
    ))
}

async fn api_qrcode(stage: &Stage) -> Result<Response<Bytes>, Box<dyn Error>> {
    let body = json!({
        "auth_open_id": "demo-user-2", "nickname": "追梦小窝", "sex": 0, "ip": "183.13.188.125", "reference": "order 7",
    });
    let request = Request::post(format!("{}/v1/fensi/qrcodes", stage.server.api_url()))
        .header(header::AUTHORIZATION, format!("Bearer {}", stage.server.api_key()))
        .header(header::CONTENT_TYPE, "application/json")
        .header("idempotency-key", "order-7")
        .body(Bytes::from(body.to_string()))?;
    Ok(stage.transport.send(request).await?)
}

fn asked() -> Result<QrcodeRequest, Box<dyn Error>> {
    let user = AuthOpenId::new(test_data::AUTH_OPEN_ID)?;
    Ok(QrcodeRequest::new(user, "追梦小窝", [183, 13, 188, 125].into())?.sex(Sex::Any))
}

/// Checks that the SDK returned what stands in this field of the sandbox's last answer.
fn ensure_answered(stage: &Stage, field: &str, returned: &impl Serialize) -> Result<(), Box<dyn Error>> {
    ensure(
        serde_json::to_value(returned)? == last_answer(stage)[field],
        "the SDK returned another answer than was sent",
    )
}

/// The sandbox's last answer.
fn last_answer(stage: &Stage) -> Value {
    stage.sandbox.log().pop().map(|entry| entry.answer).unwrap_or_default()
}

/// Returns true if one of the sandbox's `records` has every field of `sent`.
fn holds(records: &Value, sent: &Value) -> bool {
    let (Some(records), Some(sent)) = (records.as_array(), sent.as_object()) else { return false };
    records.iter().any(|record| sent.iter().all(|(name, value)| record[name] == *value))
}

fn ensure(is_so: bool, otherwise: &'static str) -> Result<(), Box<dyn Error>> {
    if is_so { Ok(()) } else { Err(otherwise.into()) }
}
