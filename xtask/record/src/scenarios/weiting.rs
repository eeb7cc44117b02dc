//! Scenarios of 微厅: every operation's success, every refusal that the sandbox can give, and the token's life. The
//! recorder plays them against the sandbox or the vendor, the tests against their cassettes.

use std::error::Error;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use weifen_proto::{Endpoint, NoAnswer, Operation, Parameters};
use weifen_sandbox::test_data::{OPENID, OPENID_PUSH_FAULT, OPENID_UNBOUND, TICKET_FAULT, TICKETS, USER_PATH};
use weifen_transport::cassette::{Inputs, Play, Played, Scenario, Stage};
use weifen_transport::mock::ManualClock;
use weifen_transport::{CallError, RepeatPolicy};
use weifen_weiting::token::{Token, TokenFetcher};
use weifen_weiting::{
    AccessToken, AuthorizeUrlRequest, BodyEncoding, BoundUserRequest, Code, LoginReportRequest, MobileByTicketRequest,
    NoticeTexts, OpenidByCodeRequest, OrderReportRequest, PrizeNoticeRequest, Ticket, Weiting, WeitingBuilder,
};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// The first code that a sandbox gives.
pub(crate) const FIRST_CODE: &str = "MzZlZjlmNGQ2OGI3NjVlZjY4NjlkNGJh";

/// Life of a token at the vendor: 7200 s (documented).
const TOKEN_LIFE: Duration = Duration::from_secs(7200);

/// All scenarios. Each needs `appid`, `secret` and `timestamp` beside its own inputs.
pub(crate) fn all() -> Vec<Scenario> {
    [token(), consent(), bound_user(), notice(), reports(), mobile()].concat()
}

fn token() -> Vec<Scenario> {
    vec![
        live("access_token", Inputs::new(), |stage| Box::pin(access_token(stage))),
        sandbox("access_token_secret_wrong", Inputs::new().with_text("secret", "test-only-another"), |stage| {
            Box::pin(access_token(stage))
        }),
        sandbox("access_token_limit_reached", Inputs::new(), |stage| Box::pin(three_tokens(stage))),
        sandbox("token_renewed_before_its_end", bound(OPENID_UNBOUND), |stage| Box::pin(renewed(stage))),
        sandbox("token_rejected_once", bound(OPENID_UNBOUND), |stage| Box::pin(rejected_once(stage))),
        sandbox("token_rejected_twice", bound(OPENID_UNBOUND).with_text("access_token", "=no=such+token/"), |stage| {
            Box::pin(bound_user_of(stage))
        }),
    ]
}

fn consent() -> Vec<Scenario> {
    let state = || Inputs::new().with_text("state", "https://partner.example/back?device=7&lang=zh#top");
    let code = || Inputs::new().with_text("code", FIRST_CODE);
    vec![
        live("authorize_url", state(), |stage| Box::pin(authorize_url(stage, BodyEncoding::Form))),
        live("authorize_url_json", state(), |stage| Box::pin(authorize_url(stage, BodyEncoding::Json))),
        sandbox("authorize_url_state_missing", Inputs::new(), |stage| {
            Box::pin(bare::<AuthorizeUrlRequest>(stage, &[]))
        }),
        sandbox("authorize_url_state_no_url", Inputs::new(), |stage| {
            Box::pin(bare::<AuthorizeUrlRequest>(stage, &[("state", "partner.example/back")]))
        }),
        live("openid_by_code", code(), |stage| Box::pin(openid_by_code(stage, BodyEncoding::Form))),
        live("openid_by_code_json", code(), |stage| Box::pin(openid_by_code(stage, BodyEncoding::Json))),
        sandbox(
            "openid_by_code_expired",
            Inputs::new().with_text("code", "NTc1ZmFmNGIwODYxM2U3YjZkOTE3ZWUz"),
            |stage| Box::pin(openid_by_code(stage, BodyEncoding::Form)),
        ),
        sandbox("openid_by_code_spent", code(), |stage| Box::pin(code_used_twice(stage))),
    ]
}

fn bound_user() -> Vec<Scenario> {
    vec![
        live("bound_user", bound(OPENID), |stage| Box::pin(bound_user_of(stage))),
        sandbox("bound_user_with_empty_slots", bound(OPENID_UNBOUND), |stage| Box::pin(bound_user_of(stage))),
        sandbox("bound_user_unknown", bound("oKXUCjNobodyKnowsThisOpenid0"), |stage| Box::pin(bound_user_of(stage))),
    ]
}

fn notice() -> Vec<Scenario> {
    let to = |openid: &str| {
        Inputs::new()
            .with_text("openid", openid)
            .with_text("first", "亲爱的老司机，您的游戏积分已经排在全国前十名。")
            .with_text("activity", "老司机大比拼")
            .with_text("prize", "限量精美玩偶一个")
            .with_text("remark", "获奖者：17717500243")
            .with_text("url", "https://partner.example/prize?n=1&lang=zh")
    };
    vec![
        live("prize_notice", to(OPENID), |stage| Box::pin(prize_notice(stage, BodyEncoding::Form))),
        live("prize_notice_json", to(OPENID), |stage| Box::pin(prize_notice(stage, BodyEncoding::Json))),
        sandbox("prize_notice_not_sent", to("oKXUCjNobodyKnowsThisOpenid0"), |stage| {
            Box::pin(prize_notice(stage, BodyEncoding::Form))
        }),
        sandbox("prize_notice_service_fault", to(OPENID_PUSH_FAULT), |stage| {
            Box::pin(prize_notice(stage, BodyEncoding::Form))
        }),
    ]
}

fn reports() -> Vec<Scenario> {
    let device = || Inputs::new().with_text("openid", OPENID).with_text("deviceno", "18900000000");
    let order = || device().with_text("traffic_package_name", "1G包");
    vec![
        live("login_report", device(), |stage| Box::pin(login_report(stage))),
        live(
            "login_report_with_options",
            device().with_text("operators", "中国电信").with_text("qcellcore", "上海"),
            |stage| Box::pin(login_report(stage)),
        ),
        sandbox("login_report_not_taken", Inputs::new(), |stage| {
            Box::pin(bare::<LoginReportRequest>(stage, &[("openid", OPENID), ("channel", "1"), ("from", "love flow")]))
        }),
        live("order_report", order(), |stage| Box::pin(order_report(stage))),
        live("order_report_with_date", order().with_text("transaction_date", "2019-05-07"), |stage| {
            Box::pin(order_report(stage))
        }),
        sandbox("order_report_not_taken", Inputs::new(), |stage| {
            Box::pin(bare::<OrderReportRequest>(
                stage,
                &[("openid", OPENID), ("deviceno", "18900000000"), ("channel", "2")],
            ))
        }),
    ]
}

fn mobile() -> Vec<Scenario> {
    let ticket = |ticket: &str| Inputs::new().with_text("ticket", ticket);
    vec![
        live("mobile_by_ticket", ticket(TICKETS[0].0), |stage| Box::pin(mobile_by_ticket(stage))),
        sandbox("mobile_by_ticket_spent", ticket(TICKETS[0].0), |stage| Box::pin(ticket_used_twice(stage))),
        sandbox("mobile_by_ticket_missing", Inputs::new(), |stage| {
            Box::pin(bare::<MobileByTicketRequest>(stage, &[("ticket", "")]))
        }),
        sandbox("mobile_by_ticket_service_fault", ticket(TICKET_FAULT), |stage| Box::pin(mobile_by_ticket(stage))),
    ]
}

fn bound(openid: &str) -> Inputs {
    Inputs::new().with_text("user_path", USER_PATH).with_text("openid", openid)
}

fn sandbox(name: &'static str, inputs: Inputs, play: Play) -> Scenario {
    Scenario { name, inputs, is_live: false, play }
}

fn live(name: &'static str, inputs: Inputs, play: Play) -> Scenario {
    Scenario { is_live: true, ..sandbox(name, inputs, play) }
}

async fn access_token(stage: Stage) -> Result<Played> {
    let token = client(&stage)?.build()?.access_token().await;
    Ok(token_outcome(token))
}

/// Fetches a third token on a day for which the recorder's sandbox allows two.
async fn three_tokens(stage: Stage) -> Result<Played> {
    let (weiting, clock) = timed_client(&stage)?;
    let mut outcome = token_outcome(weiting.access_token().await);
    for _ in 0..2 {
        let_pass(&stage, &clock, TOKEN_LIFE);
        outcome = outcome.then(token_outcome(weiting.access_token().await));
    }
    Ok(outcome)
}

async fn renewed(stage: Stage) -> Result<Played> {
    let (weiting, clock) = timed_client(&stage)?;
    let request = BoundUserRequest::new(stage.inputs.text("openid")?.parse()?);
    let first = Played::of(weiting.bound_user(&request).await);
    let_pass(&stage, &clock, Duration::from_secs(7140));
    weiting.access_token().await?;
    weiting.tokens().settle().await?;
    Ok(first.then(Played::of(weiting.bound_user(&request).await)))
}

/// Lets the vendor's clock go ahead of the client's, so that the token expires before the client expects it.
async fn rejected_once(stage: Stage) -> Result<Played> {
    let (weiting, _clock) = timed_client(&stage)?;
    let request = BoundUserRequest::new(stage.inputs.text("openid")?.parse()?);
    let first = Played::of(weiting.bound_user(&request).await);
    (stage.let_pass)(TOKEN_LIFE);
    Ok(first.then(Played::of(weiting.bound_user(&request).await)))
}

async fn authorize_url(stage: Stage, encoding: BodyEncoding) -> Result<Played> {
    let weiting = client(&stage)?.body_encoding(encoding).build()?;
    let request = AuthorizeUrlRequest::new(stage.inputs.text("state")?)?;
    Ok(Played::of(weiting.authorize_url(&request).await))
}

async fn openid_by_code(stage: Stage, encoding: BodyEncoding) -> Result<Played> {
    let weiting = client(&stage)?.body_encoding(encoding).build()?;
    let request = OpenidByCodeRequest::new(Code::new(stage.inputs.text("code")?)?);
    Ok(Played::of(weiting.openid_by_code(&request).await))
}

async fn code_used_twice(stage: Stage) -> Result<Played> {
    let weiting = client(&stage)?.build()?;
    let request = OpenidByCodeRequest::new(Code::new(stage.inputs.text("code")?)?);
    let first = Played::of(weiting.openid_by_code(&request).await);
    Ok(first.then(Played::of(weiting.openid_by_code(&request).await)))
}

async fn bound_user_of(stage: Stage) -> Result<Played> {
    let request = BoundUserRequest::new(stage.inputs.text("openid")?.parse()?);
    Ok(Played::of(client(&stage)?.build()?.bound_user(&request).await))
}

async fn prize_notice(stage: Stage, encoding: BodyEncoding) -> Result<Played> {
    let text = |name| stage.inputs.text(name);
    let texts = NoticeTexts {
        first: text("first")?.to_owned(),
        activity: text("activity")?.to_owned(),
        prize: text("prize")?.to_owned(),
        remark: text("remark")?.to_owned(),
        url: text("url")?.to_owned(),
    };
    let request = PrizeNoticeRequest::new(text("openid")?.parse()?, texts);
    let weiting = client(&stage)?.body_encoding(encoding).build()?;
    Ok(Played::of(weiting.prize_notice(&request).await))
}

async fn login_report(stage: Stage) -> Result<Played> {
    let inputs = &stage.inputs;
    let mut request = LoginReportRequest::new(inputs.text("openid")?.parse()?, inputs.text("deviceno")?.parse()?);
    if inputs.has("operators") {
        request = request.operators(inputs.text("operators")?).qcellcore(inputs.text("qcellcore")?);
    }
    Ok(Played::of(client(&stage)?.build()?.login_report(&request).await))
}

async fn order_report(stage: Stage) -> Result<Played> {
    let inputs = &stage.inputs;
    let (openid, device) = (inputs.text("openid")?.parse()?, inputs.text("deviceno")?.parse()?);
    let mut request = OrderReportRequest::new(openid, device, inputs.text("traffic_package_name")?)?;
    if inputs.has("transaction_date") {
        let date = inputs.text("transaction_date")?.parse();
        request = request.ordered_on(date.map_err(|_| "transaction_date must be a date such as 2019-05-07")?)?;
    }
    Ok(Played::of(client(&stage)?.build()?.order_report(&request).await))
}

async fn mobile_by_ticket(stage: Stage) -> Result<Played> {
    let request = MobileByTicketRequest::new(Ticket::new(stage.inputs.text("ticket")?)?);
    Ok(Played::of(client(&stage)?.build()?.mobile_by_ticket(&request).await))
}

async fn ticket_used_twice(stage: Stage) -> Result<Played> {
    let weiting = client(&stage)?.build()?;
    let request = MobileByTicketRequest::new(Ticket::new(stage.inputs.text("ticket")?)?);
    let first = Played::of(weiting.mobile_by_ticket(&request).await);
    Ok(first.then(Played::of(weiting.mobile_by_ticket(&request).await)))
}

/// Calls `E` with these parameters, which its own type would not send.
async fn bare<E: Endpoint>(stage: Stage, parameters: &'static [(&'static str, &'static str)]) -> Result<Played> {
    let request = Bare::<E> { parameters, endpoint: PhantomData };
    let answer = client(&stage)?.build()?.call(&request).await;
    Ok(Played::of(answer.map(|_| ())))
}

struct Bare<E> {
    parameters: &'static [(&'static str, &'static str)],
    endpoint: PhantomData<fn() -> E>,
}

impl<E: Endpoint> Endpoint for Bare<E> {
    type Answer = E::Answer;

    const OPERATION: Operation = E::OPERATION;

    fn parameters(&self) -> Parameters<'_> {
        self.parameters.iter().fold(Parameters::new(), |parameters, (name, text)| parameters.text(*name, *text))
    }

    fn answer(body: &[u8]) -> std::result::Result<E::Answer, NoAnswer> {
        E::answer(body)
    }
}

fn client(stage: &Stage) -> Result<WeitingBuilder> {
    let inputs = &stage.inputs;
    let mut builder = Weiting::builder(inputs.text("appid")?, inputs.text("secret")?)
        .base_url(&stage.base_url)
        .plaintext(stage.plaintext)
        .transport(stage.transport.clone())
        .repeats(RepeatPolicy::never());
    if inputs.has("user_path") {
        builder = builder.user_path(inputs.text("user_path")?);
    }
    if inputs.has("access_token") {
        let token = AccessToken::new(inputs.text("access_token")?)?;
        builder = builder.token_fetcher(Arc::new(GivenToken(token)));
    }
    Ok(builder)
}

/// Returns a client with a standing clock, and that clock.
fn timed_client(stage: &Stage) -> Result<(Weiting, Arc<ManualClock>)> {
    let clock = Arc::new(ManualClock::at(stage.inputs.integer("timestamp")?.try_into()?));
    Ok((client(stage)?.clock(clock.clone()).build()?, clock))
}

fn let_pass(stage: &Stage, clock: &ManualClock, time: Duration) {
    clock.advance(time);
    (stage.let_pass)(time);
}

fn token_outcome(token: std::result::Result<Token, CallError>) -> Played {
    Played::of(token.map(|token| token.value().clone()))
}

/// A fetcher with a token from the inputs.
#[derive(Debug)]
struct GivenToken(AccessToken);

#[async_trait]
impl TokenFetcher for GivenToken {
    async fn fetch(&self) -> std::result::Result<AccessToken, CallError> {
        Ok(self.0.clone())
    }
}
