//! Scenarios of 粉丝万岁: every operation in every encoding, and every return code and message that the sandbox can give
//! to a non-empty timestamp and nonce. The recorder plays them against the sandbox or the vendor, the tests against
//! their cassettes.

use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};

use weifen_fensi::{AuthOpenId, Encoding, Fensi, FensiBuilder, NonceSource, QrcodeRequest, SceneId, Sex};
use weifen_sandbox::test_data::{AUTH_OPEN_ID, LABEL_WITHOUT_ACCOUNTS};
use weifen_transport::cassette::{Inputs, Play, Played, Scenario, Stage};
use weifen_transport::mock::ManualClock;
use weifen_transport::{Bytes, RepeatPolicy, Transport, TransportError, async_trait, http};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// All scenarios. Each needs `develop_appid`, `app_secret`, `key`, `timestamp` and `nonces` beside its own inputs.
pub(crate) fn all() -> Vec<Scenario> {
    [lists(), qrcodes(), codes(), validators()].concat()
}

fn lists() -> Vec<Scenario> {
    vec![
        live("scenes", Inputs::new(), |stage| Box::pin(scenes(stage, Encoding::Json))),
        live("scenes_form", Inputs::new(), |stage| Box::pin(scenes(stage, Encoding::Form))),
        live("scenes_get", Inputs::new(), |stage| Box::pin(scenes(stage, Encoding::Query))),
        live("cities", Inputs::new(), |stage| Box::pin(cities(stage, Encoding::Json))),
        live("cities_form", Inputs::new(), |stage| Box::pin(cities(stage, Encoding::Form))),
        live("cities_get", Inputs::new(), |stage| Box::pin(cities(stage, Encoding::Query))),
    ]
}

fn qrcodes() -> Vec<Scenario> {
    vec![
        live("qrcode", user(), |stage| Box::pin(qrcode(stage, Encoding::Json))),
        live("qrcode_form", user(), |stage| Box::pin(qrcode(stage, Encoding::Form))),
        live("qrcode_get", user(), |stage| Box::pin(qrcode(stage, Encoding::Query))),
        live("qrcode_with_options", with_options(), |stage| Box::pin(qrcode(stage, Encoding::Json))),
        sandbox("qrcode_with_city", user().with_text("ip", "202.106.0.20"), |stage| {
            Box::pin(qrcode(stage, Encoding::Json))
        }),
        sandbox("qrcode_with_verification_code", in_scene(6), |stage| Box::pin(qrcode(stage, Encoding::Json))),
        sandbox("qrcode_twice", user(), |stage| Box::pin(qrcode_twice(stage))),
        sandbox("qrcode_no_match", in_scene(LABEL_WITHOUT_ACCOUNTS.into()), |stage| {
            Box::pin(qrcode(stage, Encoding::Json))
        }),
    ]
}

fn codes() -> Vec<Scenario> {
    vec![
        sandbox("qrcode_balance_empty", in_scene(7), |stage| Box::pin(qrcode(stage, Encoding::Json))),
        sandbox("qrcode_not_made", in_scene(8), |stage| Box::pin(qrcode(stage, Encoding::Json))),
        sandbox("develop_appid_unknown", Inputs::new().with_text("develop_appid", "jbh200163e0488d6"), |stage| {
            Box::pin(scenes(stage, Encoding::Json))
        }),
        sandbox("signature_wrong", Inputs::new().with_text("app_secret", "test-only-another"), |stage| {
            Box::pin(scenes(stage, Encoding::Json))
        }),
    ]
}

/// Scenarios with a blank or malformed parameter, which the client never sends by itself.
fn validators() -> Vec<Scenario> {
    vec![
        sandbox("develop_appid_missing", user(), |stage| Box::pin(qrcode_with(stage, "develop_appid", ""))),
        sandbox("timestamp_missing", user(), |stage| Box::pin(qrcode_with(stage, "timestamp", ""))),
        sandbox("nonce_missing", user(), |stage| Box::pin(qrcode_with(stage, "nonce", " "))),
        sandbox("signature_missing", user(), |stage| Box::pin(qrcode_with(stage, "signature", ""))),
        sandbox("key_missing", user(), |stage| Box::pin(qrcode_with(stage, "key", ""))),
        sandbox("auth_open_id_missing", user(), |stage| Box::pin(qrcode_with(stage, "auth_open_id", ""))),
        sandbox("nickname_missing", user(), |stage| Box::pin(qrcode_with(stage, "nickname", " "))),
        sandbox("ip_missing", user(), |stage| Box::pin(qrcode_with(stage, "ip", ""))),
        sandbox("ip_malformed", user(), |stage| Box::pin(qrcode_with(stage, "ip", "183.13.188"))),
    ]
}

fn user() -> Inputs {
    Inputs::new()
        .with_text("auth_open_id", AUTH_OPEN_ID)
        .with_text("nickname", "追梦小窝")
        .with_integer("sex", 0)
        .with_text("ip", "183.13.188.125")
}

fn in_scene(scene: i64) -> Inputs {
    user().with_integer("label", scene)
}

fn with_options() -> Inputs {
    in_scene(5).with_integer("sex", 2).with_text("state", "device-7").with_text("city", "310000")
}

fn sandbox(name: &'static str, inputs: Inputs, play: Play) -> Scenario {
    Scenario { name, inputs, is_live: false, play }
}

fn live(name: &'static str, inputs: Inputs, play: Play) -> Scenario {
    Scenario { is_live: true, ..sandbox(name, inputs, play) }
}

async fn scenes(stage: Stage, encoding: Encoding) -> Result<Played> {
    let fensi = client(&stage)?.encoding(encoding).build()?;
    Ok(Played::of(fensi.scenes().await))
}

async fn cities(stage: Stage, encoding: Encoding) -> Result<Played> {
    let fensi = client(&stage)?.encoding(encoding).build()?;
    Ok(Played::of(fensi.cities().await))
}

async fn qrcode(stage: Stage, encoding: Encoding) -> Result<Played> {
    let fensi = client(&stage)?.encoding(encoding).build()?;
    Ok(Played::of(fensi.qrcode(&request(&stage.inputs)?).await))
}

async fn qrcode_twice(stage: Stage) -> Result<Played> {
    let fensi = client(&stage)?.build()?;
    let request = request(&stage.inputs)?;
    let first = Played::of(fensi.qrcode(&request).await);
    Ok(first.then(Played::of(fensi.qrcode(&request).await)))
}

async fn qrcode_with(stage: Stage, name: &'static str, text: &'static str) -> Result<Played> {
    let spoiling = Spoiling { transport: stage.transport.clone(), name, text };
    let fensi = client(&stage)?.transport(Arc::new(spoiling)).build()?;
    Ok(Played::of(fensi.qrcode(&request(&stage.inputs)?).await))
}

/// Replaces a parameter of each request by a text that the client would not send.
#[derive(Debug)]
struct Spoiling {
    transport: Arc<dyn Transport>,
    name: &'static str,
    text: &'static str,
}

#[async_trait]
impl Transport for Spoiling {
    async fn send(&self, request: http::Request<Bytes>) -> std::result::Result<http::Response<Bytes>, TransportError> {
        let (parts, body) = request.into_parts();
        let mut parameters: serde_json::Value = serde_json::from_slice(&body).map_err(TransportError::not_sent)?;
        parameters[self.name] = self.text.into();
        self.transport.send(http::Request::from_parts(parts, parameters.to_string().into())).await
    }
}

fn request(inputs: &Inputs) -> Result<QrcodeRequest> {
    let user = AuthOpenId::new(inputs.text("auth_open_id")?)?;
    let sex: Sex = inputs.integer("sex")?.to_string().parse()?;
    let mut request = QrcodeRequest::new(user, inputs.text("nickname")?, inputs.text("ip")?.parse()?)?.sex(sex);
    if inputs.has("label") {
        request = request.label(SceneId(inputs.integer("label")?.try_into()?));
    }
    if inputs.has("state") {
        request = request.state(inputs.text("state")?)?;
    }
    if inputs.has("city") {
        request = request.extra("city", inputs.text("city")?)?;
    }
    Ok(request)
}

fn client(stage: &Stage) -> Result<FensiBuilder> {
    let inputs = &stage.inputs;
    let clock = ManualClock::at(inputs.integer("timestamp")?.try_into()?);
    let nonces = GivenNonces(Mutex::new(inputs.texts("nonces")?.into_iter()));
    Ok(Fensi::builder(inputs.text("develop_appid")?, inputs.text("app_secret")?)
        .key(inputs.text("key")?)
        .base_url(&stage.base_url)
        .plaintext(stage.plaintext)
        .transport(stage.transport.clone())
        .repeats(RepeatPolicy::never())
        .clock(Arc::new(clock))
        .nonces(Arc::new(nonces)))
}

/// Nonces from a list; after its end an empty one, which the client refuses.
#[derive(Debug)]
struct GivenNonces(Mutex<std::vec::IntoIter<String>>);

impl NonceSource for GivenNonces {
    fn nonce(&self) -> String {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).next().unwrap_or_default()
    }
}
