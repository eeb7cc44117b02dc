//! Every public type that could hold a text, with canaries in it, in `Debug` and, where it has that, in `Display`.

use std::any::type_name;
use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::{Debug, Display};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};
use async_trait::async_trait;
use secrecy::{SecretSlice, SecretString};
use weifen::Weifen;
use weifen::config::Sources;
use weifen::fensi::{Booking, Bookings, Cities, Push, Qrcode, QrcodeRequest, Scenes};
use weifen::inbox::{
    Database, FollowEvent, Handler, HandlerError, IdempotencyKey, PushSecrets, Receiver, Rules, ServerLock, Webhook,
};
use weifen::proto::{Endpoint, Field, NoAnswer, Parameters};
use weifen::sign::Stamp;
use weifen::transport::cassette::{
    Allowed, Cassette, Inputs, Outcome, Play, RecordError, Recorder, Rehearsal, Replay, Replayed, Scenario,
    Stage as RecordingStage, Transcript,
};
use weifen::transport::mock::ManualClock;
use weifen::transport::{
    BadReply, BaseUrl, CallError, DriftWatch, Driver, Failure, NotPublic, Plaintext, RepeatPolicy, ReqwestTransport,
    StoreError, TowerTransport, Transport, TransportError, TransportService, Unusable,
};
use weifen::weiting::token::store::{Claim, Claimed, Lease, Shelf};
use weifen::weiting::token::{FileFault, FileStore, MemoryStore, RedisFault, RedisStore, Token, TokenKey, TokenStore};
use weifen::weiting::{
    AccessToken, AccessTokenRequest, AuthorizeUrl, BoundUserRequest, Code, Mobile, MobileByTicket, OpenidByCode,
    OrderReport, Ticket,
};

use super::inbox_site::InboxSite;
use super::{Stage, block_on};
use crate::calls;
use crate::canary::Secret;
use crate::capture::{Capture, debugged, displayed, told};
use crate::public_types;
use crate::vendor::{Manner, Vendor, answer_of, refusal_of};

/// Types that are not shown here, and why.
const EXCEPTIONS: [(&str, &str); 3] = [
    ("weifen_sign::signature::Signature", "none is given out; the stamp that holds it shows it"),
    ("weifen_weiting::token::store::redis::fault::RedisCode", "only a Redis makes one; it is checked where it is made"),
    ("weifen_transport::cassette::replay::ReplayError", "shows test data; of a live cassette `cassettes` shows it"),
];

pub(super) fn drive(stage: Stage) -> Result<Capture> {
    let mut shown = Shown::default();
    if stage.is_planted {
        /// The planted leak: a secret whose `Debug` is derived.
        #[derive(Debug)]
        struct Planted(#[expect(dead_code, reason = "it is shown")] String);
        shown.value(&Planted(Secret::WeitingSecret.value()));
        return Ok(shown.capture);
    }
    requests(&mut shown)?;
    answers(&mut shown)?;
    transport(&mut shown)?;
    tokens(&mut shown)?;
    configuration(&mut shown)?;
    block_on(inbox(&mut shown))?;
    let mut missing = public_types::all()?;
    missing.retain(|name| {
        !shown.names.contains(name.as_str()) && !EXCEPTIONS.iter().any(|(excepted, _)| excepted == name)
    });
    anyhow::ensure!(
        missing.is_empty(),
        "these public types are not shown in xtask/leaks/src/channels/values.rs: {missing:#?}"
    );
    shown.capture.driven = shown.names.len();
    Ok(shown.capture)
}

/// What was shown, and of which types.
#[derive(Default)]
struct Shown {
    capture: Capture,
    names: BTreeSet<&'static str>,
}

impl Shown {
    fn value<T: Debug + ?Sized>(&mut self, value: &T) {
        self.add::<T>(debugged(value));
    }

    fn text<T: Debug + Display + ?Sized>(&mut self, value: &T) {
        self.add::<T>(displayed(value));
    }

    fn error<T: Error + 'static>(&mut self, error: &T) {
        self.add::<T>(told(error));
    }

    fn add<T: ?Sized>(&mut self, text: String) {
        // Lifetimes are no part of a type's path.
        let name = type_name::<T>().split('<').next().unwrap_or_default();
        self.names.insert(name);
        self.capture.add(name, text);
    }
}

fn secret(secret: Secret) -> SecretString {
    SecretString::from(secret.value())
}

fn requests(shown: &mut Shown) -> Result<()> {
    let token = AccessTokenRequest::new("an-appid", secret(Secret::WeitingSecret));
    shown.value(&token);
    parameters(shown, &token.parameters());
    shown.value(&calls::authorize_url()?);
    parameters(shown, &calls::authorize_url()?.parameters());
    shown.value(&calls::openid_by_code()?);
    shown.value(&calls::prize_notice()?);
    parameters(shown, &calls::prize_notice()?.parameters());
    shown.value(&calls::login_report()?);
    shown.value(&calls::order_report()?);
    shown.value(&calls::mobile_by_ticket()?);
    shown.value(&calls::qrcode()?);
    parameters(shown, &calls::qrcode()?.parameters());
    shown.value(&BoundUserRequest::new(calls::openid()?));
    shown.value(&calls::openid()?);
    shown.value(&calls::device_no()?);
    shown.value(&Secret::Code.value().parse::<Code>()?);
    shown.value(&Secret::Ticket.value().parse::<Ticket>()?);
    shown.value(&Secret::Mobile.value().parse::<Mobile>()?);
    shown.value(&AccessToken::new(Secret::AccessToken.value())?);
    let stamp = Stamp::new(1, "a-nonce");
    shown.value(&stamp);
    let signed = stamp.sign(&Secret::AppSecret.value());
    shown.capture.signatures.push(signed.signature().to_owned());
    shown.value(&signed);
    Ok(())
}

fn parameters(shown: &mut Shown, parameters: &Parameters<'_>) {
    shown.value(parameters);
    for parameter in parameters.iter() {
        shown.value(parameter);
        shown.value(&parameter.value);
    }
}

/// Answers as the vendors give them, and the refusal that repeats what was sent.
fn answers(shown: &mut Shown) -> Result<()> {
    let qrcode = answer_of("/open/commercial/get_qrcode").to_string();
    let qrcode: Qrcode = QrcodeRequest::answer(qrcode.as_bytes())?.context("no code")?;
    shown.value(&qrcode);
    shown.value(&qrcode.verification_code);
    shown.value(qrcode.verification_code.as_ref().context("no verification code")?);
    let mut odd = answer_of("/open/commercial/get_qrcode");
    odd["data"]["expire"] = Secret::VerificationCode.value().into();
    let odd = QrcodeRequest::answer(odd.to_string().as_bytes())?.context("no code")?;
    shown.value(&odd.expiry.context("no expiry")?);
    shown.value(&Scenes::answer(answer_of("/open/commercial/get_scene").to_string().as_bytes())?[0]);
    shown.value(&Cities::answer(answer_of("/open/commercial/get_city").to_string().as_bytes())?[0]);
    let user = BoundUserRequest::answer(answer_of("/user").to_string().as_bytes())?;
    shown.value(&user);
    shown.value(&user.slots[0]);
    shown.value(user.accounts().next().context("no account")?);
    let redirect = answer_of("/service/wxoauth/2.0/getBaseUrl").to_string();
    shown.value(&AuthorizeUrl::answer(redirect.as_bytes())?);
    shown.value(&OrderReport::answer(answer_of("/service/flowOrders/create").to_string().as_bytes())?);
    shown.value(&Push::parse(calls::push("user").as_bytes())?);
    shown.value(&calls::qrcode()?.auth_open_id().clone());
    let words = format!("{} {}", Secret::Ticket.value(), Secret::Mobile.value());
    let refused = MobileByTicket::answer(refusal_of("/service/appOauthen/Ticket", &words).to_string().as_bytes());
    let Err(NoAnswer::Refused(refusal)) = refused else { anyhow::bail!("it is not refused") };
    let refusal = refusal.hiding(vec![Secret::Ticket.value()]);
    shown.error(&refusal);
    shown.text(&refusal.printable_cap().context("nothing stands behind it")?);
    shown.error(&NoAnswer::Refused(refusal));
    let body = format!("{{\"status\": {0:?}, {0:?}: 1}}", Secret::Code.value());
    let Err(NoAnswer::Undecodable(undecodable)) = OpenidByCode::answer(body.as_bytes()) else {
        anyhow::bail!("it is taken")
    };
    shown.error(&undecodable);
    shown.text(&OpenidByCode::OPERATION);
    shown.value(&Field::text("openid"));
    for drift in OpenidByCode::DOCUMENTED.drifts(body.as_bytes()) {
        shown.text(&drift);
        shown.text(&drift.kind);
    }
    Ok(())
}

/// Whatever stands behind a seam: it is shown by what holds it, so its own `Debug` may hold no more than a name.
fn transport(shown: &mut Shown) -> Result<()> {
    let password = Secret::ProxyPassword.value();
    let builder =
        ReqwestTransport::builder().proxy(format!("http://u:{password}@127.0.0.1:9")).ca_pem(password.clone());
    shown.value(&builder);
    let reqwest = ReqwestTransport::builder().proxy(format!("http://u:{password}@127.0.0.1:9")).build()?;
    shown.value(&reqwest);
    let transport: Arc<dyn Transport> = Arc::new(reqwest);
    shown.value(&Driver::new(transport.clone(), RepeatPolicy::default()));
    shown.value(&DriftWatch::new(None));
    shown.value(&TransportService::new(transport.clone()));
    shown.value(&TowerTransport::new(TransportService::new(transport.clone())));
    shown.error(&NotPublic::new("h.example"));
    shown.value(&BaseUrl::new("https://h.example", Plaintext::Refused)?);
    if let Err(error) = BaseUrl::new("http://h.example", Plaintext::Refused) {
        shown.error(&error);
    }
    let broken = || std::io::Error::other("broken");
    let no_reply = TransportError::no_reply(broken());
    shown.error(&no_reply);
    shown.error(&StoreError::new("a store", broken()));
    shown.error(&Unusable::NoReply(no_reply.clone()));
    let redirect = BadReply::Redirect { host: Some("other.example".to_owned()) };
    shown.error(&redirect);
    let failure = Failure::UnknownOutcome(Unusable::BadReply(redirect));
    shown.error(&failure);
    shown.error(&CallError::new(&OpenidByCode::OPERATION, failure));
    let Err(error) = ReqwestTransport::builder().ca_pem(password).build() else { anyhow::bail!("it is taken") };
    shown.error(&error);
    cassettes(shown, &transport)
}

fn cassettes(shown: &mut Shown, transport: &Arc<dyn Transport>) -> Result<()> {
    let inputs = Inputs::new().with_text("secret", Secret::WeitingSecret.value());
    shown.value(&inputs);
    if let Err(error) = inputs.text("another") {
        shown.error(&error);
    }
    let recorder = Recorder::sandbox(transport.clone(), "leaks", inputs.clone());
    shown.value(&recorder);
    let cassette = recorder.finish()?;
    shown.value(&cassette);
    if let Err(error) = Cassette::parse("x.json".as_ref(), Secret::Code.value().as_bytes()) {
        shown.error(&error);
    }
    shown.error(&RecordError::NoReply(TransportError::no_reply(std::io::Error::other("broken"))));
    shown.value(&Replay::new(cassette, Allowed::nothing()));
    shown.value(&Allowed::nothing());
    shown.value(&Transcript::new(transport.clone()));
    let play: Play =
        |stage| Box::pin(async move { Ok(Outcome::of::<String>(Ok(stage.inputs.text("secret")?.to_owned()))) });
    let scenario = Scenario { name: "a-scenario", inputs: inputs.clone(), is_live: true, play };
    shown.value(&scenario);
    let stage = RecordingStage::of_replay(transport.clone(), inputs);
    shown.value(&stage);
    let outcome = block_on(async { play(stage).await.map_err(|error| anyhow::anyhow!("{error}")) })?;
    shown.value(&outcome);
    shown.value(&Replayed { outcome, requests: Secret::Code.value(), finished: Ok(()) });
    shown.value(&Rehearsal::new("cassettes", vec![scenario], Allowed::nothing()));
    Ok(())
}

fn tokens(shown: &mut Shown) -> Result<()> {
    let transport: Arc<dyn Transport> = Arc::new(ReqwestTransport::new()?);
    let token =
        Token::new(AccessToken::new(Secret::AccessToken.value())?, 1, SystemTime::now(), Duration::from_secs(7200));
    shown.value(&token);
    let base_url = BaseUrl::new("https://h.example", Plaintext::Refused)?;
    let key = TokenKey::new("an-appid", &base_url, &secret(Secret::WeitingSecret));
    shown.value(&key);
    let mut shelf = Shelf::default();
    let claim = Claim {
        holder: "a-holder".to_owned(),
        now: SystemTime::now(),
        lease: Duration::from_secs(9),
        daily_limit: 9,
        replaces: 0,
    };
    shown.value(&claim);
    let claimed = shelf.claim(&key, &claim);
    let Claimed::Granted(lease) = &claimed else { anyhow::bail!("no right to fetch: {claimed:?}") };
    shown.value::<Lease>(lease);
    let token = Token::new(token.value().clone(), lease.generation, SystemTime::now(), Duration::from_secs(7200));
    shelf.save(&key, lease, &token);
    shown.value(&claimed);
    shown.value(&Claimed::Current(token));
    shown.value(&shelf.load(&key, SystemTime::now()));
    shown.value(&shelf);
    shown.value(&MemoryStore::new());
    shown.value(&FileStore::new("token.json"));
    shown.value(&ManualClock::at(1));
    shown.value(&RedisStore::new(&format!("redis://:{}@127.0.0.1:9", Secret::RedisPassword.value()))?);
    let builder = calls::weiting("http://127.0.0.1:9", transport.clone());
    shown.value(&builder);
    let weiting = builder.build()?;
    shown.value(&weiting);
    shown.value(weiting.tokens());
    shown.value(&weifen::weiting::token::TokenManager::builder());
    let builder = calls::fensi("http://127.0.0.1:9", transport);
    shown.value(&builder);
    shown.value(&builder.build()?);
    let path = std::path::PathBuf::from("token.json");
    shown.error(&FileFault::Damaged { path, line: 1, column: 1 });
    block_on(redis(shown))
}

/// What a server says that is no Redis, or one that knows another password.
async fn redis(shown: &mut Shown) -> Result<()> {
    let vendor = Vendor::start(Manner::NotHttp, true)?;
    let address = vendor.url().replace("http://", "");
    let store = RedisStore::new(&format!("redis://:{}@{address}", Secret::RedisPassword.value()))?;
    let base_url = BaseUrl::new("https://h.example", Plaintext::Refused)?;
    let key = TokenKey::new("an-appid", &base_url, &secret(Secret::WeitingSecret));
    let Err(error) = store.load(&key, SystemTime::now()).await else { anyhow::bail!("it is a Redis") };
    shown.error(&error);
    let fault = error.source().and_then(|source| source.downcast_ref::<RedisFault>()).context("no fault of Redis")?;
    shown.error(fault);
    Ok(())
}

fn configuration(shown: &mut Shown) -> Result<()> {
    let sources = || {
        let url = |scheme: &str, password: Secret| format!("{scheme}://u:{}@127.0.0.1:9/0", password.value());
        let base = Sources::new()
            .set("weiting.appid", "an-appid")
            .set("weiting.secret", Secret::WeitingSecret.value())
            .set("weiting.token_store", url("redis", Secret::RedisPassword))
            .set("fensi.develop_appid", "a-developer")
            .set("fensi.app_secret", Secret::AppSecret.value())
            .set("serve.database", url("postgres", Secret::DatabasePassword))
            .set("serve.deliver_url", Secret::DeliverUrl.value())
            .set("http.proxy", format!("http://u:{}@127.0.0.1:9", Secret::ProxyPassword.value()));
        base.environment([("WEIFEN_SERVE_KEYS", "a-key")])
    };
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("secret");
    std::fs::write(&file, Secret::DeliverSecret.value())?;
    let sources = || sources().set("serve.deliver_secret_file", file.display().to_string());
    shown.value(&sources());
    let examined = sources().examine();
    shown.value(&examined);
    shown.value(examined.keys.first().context("no key")?);
    let config = sources().load()?;
    shown.value(&config);
    shown.value(&config.weiting);
    shown.value(&config.fensi);
    shown.value(&config.http);
    shown.value(&config.serve);
    shown.text(config.weiting.token_store.as_ref().context("no store")?);
    shown.value(&config.serve.database);
    shown.value(&config.serve.delivery()?.context("no delivery")?);
    shown.value(&config.serve.delivery()?.context("no delivery")?.url);
    shown.value(config.http.proxy.as_ref().context("no proxy")?);
    shown.text(config.origin("weiting.secret").context("no origin")?);
    let builder = Weifen::builder(config);
    shown.value(&builder);
    shown.value(&builder.build()?);
    let Err(error) = sources().set("http.timeout_s", Secret::WeitingSecret.value()).load() else {
        anyhow::bail!("it is taken")
    };
    shown.error(&error);
    shown.error(&weifen::SetupError::Config(error));
    Ok(())
}

/// Keeps the events that it is handed, in `Debug`.
#[derive(Debug, Default)]
struct Keeps(Mutex<String>);

#[async_trait]
impl Handler for Keeps {
    async fn handle(&self, event: &FollowEvent, key: &IdempotencyKey) -> Result<(), HandlerError> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *kept = format!("{}{}", debugged(event), debugged(key));
        drop(kept);
        Err(HandlerError::give_up("not taken"))
    }
}

async fn inbox(shown: &mut Shown) -> Result<()> {
    let site = InboxSite::open().await?;
    let (user, state) = ("user", Secret::PushState.value());
    let booking = Booking::new("a-developer", user.parse()?, "a-key", "wx-account", Duration::ZERO).state(state);
    shown.value(&booking);
    site.inbox.book(&booking).await?;
    site.push(Secret::PushName.value()).await?;
    shown.value(&site.inbox.receive(calls::push("unsolicited")).await?);
    shown.value(&site.inbox.stats().await?);
    shown.value(&site.inbox.quarantined(0).await?[0]);
    tokio::time::sleep(Duration::from_millis(20)).await;
    shown.value(site.inbox.missing(Duration::ZERO).await?.first().context("no push is missing")?);
    site.book("another").await?;
    site.push(calls::push("another")).await?;
    let keeps = Arc::new(Keeps::default());
    let dispatcher = site.dispatch(keeps.clone())?;
    site.until_settled().await?;
    shown.value(&dispatcher);
    shown.value(&weifen::inbox::Dispatcher::builder(&site.inbox, keeps.clone()));
    dispatcher.stop(Duration::from_secs(5)).await;
    let kept = keeps.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    anyhow::ensure!(kept.contains("FollowEvent"), "no event was handed out");
    shown.add::<FollowEvent>(kept);
    let event = &site.inbox.events(None, 0).await?[0];
    shown.value(event);
    shown.value(&event.key);
    shown.value(&site.inbox);
    shown.error(&HandlerError::retry("not taken"));
    let rules = Rules::new("a-developer").keys(["a-key"]);
    shown.value(&rules);
    let database = Database::postgres(format!("postgres://u:{}@127.0.0.1:9/d", Secret::DatabasePassword.value()));
    shown.value(&database);
    let secrets = || PushSecrets::new([secret(Secret::PushSecret)]);
    shown.value(&secrets()?);
    shown.value(&Receiver::new(site.inbox.clone(), secrets()?));
    shown.value(&site.server);
    let key = SecretSlice::from(Secret::DeliverSecret.value().into_bytes());
    shown.value(&Webhook::new(&Secret::DeliverUrl.value(), key, Arc::new(ReqwestTransport::new()?))?);
    let folder = tempfile::tempdir()?;
    let file = Database::sqlite(folder.path().join("inbox.db"));
    shown.value(&ServerLock::take(&file)?);
    shown.value(&site.database.inspect().await?);
    let Err(error) = weifen::inbox::Inbox::open(&file.existing(), rules).await else { anyhow::bail!("it opens") };
    shown.error(&error);
    Ok(())
}
