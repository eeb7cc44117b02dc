//! Every failure that a library gives back, with all its sources, in every form.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use secrecy::{SecretSlice, SecretString};
use tokio::task::JoinSet;
use weifen::Weifen;
use weifen::config::{Config, Sources};
use weifen::fensi::Push;
use weifen::inbox::{Database, Inbox, PushSecrets, Rules, Webhook};
use weifen::proto::{Endpoint, NoAnswer};
use weifen::transport::cassette::Cassette;
use weifen::transport::{BaseUrl, Plaintext, ReqwestTransport, Transport, TransportError};
use weifen::weiting::token::{FileStore, RedisStore, TokenStore};
use weifen::weiting::{AuthorizeUrl, Code, Mobile, OpenidByCode, Ticket};

use super::{Stage, block_on};
use crate::calls::{self, Called, Visit};
use crate::canary::{PLANTED, Secret};
use crate::capture::{Capture, debugged, displayed, told};
use crate::vendor::{Manner, Vendor};

/// Nothing listens there.
const NOWHERE: &str = "127.0.0.1:9";

pub(super) fn drive(stage: Stage) -> Result<Capture> {
    block_on(async {
        let mut capture = Capture::default();
        if stage.is_planted {
            let planted: Arc<dyn Transport> = Arc::new(Planted);
            add_calls(&mut capture, "a planted leak", calls::all("http://127.0.0.1:9", &planted).await?);
            return Ok(capture);
        }
        calls_that_fail(&mut capture).await?;
        transports(&mut capture).await?;
        stores(&mut capture).await?;
        configurations(stage, &mut capture)?;
        values(&mut capture);
        answers(&mut capture);
        cassettes(&mut capture);
        Ok(capture)
    })
}

/// The planted leak: an error that says where to.
#[derive(Debug)]
struct Planted;

#[derive(Debug, thiserror::Error)]
#[error("no way to {0}")]
struct NoWay(http::Uri);

#[async_trait]
impl Transport for Planted {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        Err(TransportError::not_sent(NoWay(request.uri().clone())))
    }
}

fn add(capture: &mut Capture, from: impl Into<String>, error: &(dyn Error + 'static)) {
    capture.driven += 1;
    capture.add(from, told(error));
}

fn add_calls(capture: &mut Capture, from: &str, calls: Vec<Called>) {
    for Called { operation, outcome } in calls {
        let from = format!("{operation}, {from}");
        match outcome {
            Ok(answer) => capture.add(from, answer),
            Err(error) => {
                let refusal = error.refusal().map(|refusal| {
                    format!("{} {} {}", told(refusal), refusal.printable_message(), debugged(&refusal.printable_cap()))
                });
                let rest = format!("{:?} {refusal:?} {}", error.hint(), debugged(error.failure()));
                capture.add(from.clone(), rest);
                add(capture, from, &error);
            }
        }
    }
}

async fn calls_that_fail(capture: &mut Capture) -> Result<()> {
    for Visit { manner, calls, signatures } in calls::everywhere(&Manner::ALL, |transport| transport).await? {
        add_calls(capture, &format!("a vendor that {manner:?}"), calls);
        capture.signatures.extend(signatures);
    }
    Ok(())
}

async fn transports(capture: &mut Capture) -> Result<()> {
    let proxy = Vendor::start(Manner::Refuses, true)?;
    let password = Secret::ProxyPassword.value();
    let short = || ReqwestTransport::builder().timeout(Duration::from_millis(300));
    let away = format!("http://{password}:{password}@{NOWHERE}");
    let there = proxy.url().replace("http://", &format!("http://u:{password}@"));
    for (from, url, transport) in [
        ("nobody there", format!("http://{NOWHERE}"), short()),
        ("no such name", "https://no-such-name.invalid".to_owned(), short()),
        ("no TLS", proxy.url().replace("http:", "https:"), short()),
        ("a proxy that is away", format!("http://{NOWHERE}"), short().proxy(&away)),
        ("a proxy that is away, https", format!("https://{NOWHERE}"), short().proxy(&away)),
        ("a proxy that refuses", format!("http://{NOWHERE}"), short().proxy(&there)),
        ("a proxy that refuses, https", format!("https://{NOWHERE}"), short().proxy(&there)),
    ] {
        capture.add(from, debugged(&transport));
        let transport = transport.build()?;
        capture.add(from, debugged(&transport));
        let transport: Arc<dyn Transport> = Arc::new(transport);
        add_calls(capture, from, calls::all(&url, &transport).await?);
    }
    for wrong in
        [format!("http://{password}:{password}@"), format!("::{password}"), format!("{password}://u:{password}@h")]
    {
        if let Err(error) = short().proxy(&wrong).build() {
            add(capture, "a proxy that is none", &error);
        }
    }
    let pem = format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", Secret::Extra.value());
    if let Err(error) = short().ca_pem(pem).build() {
        add(capture, "authorities that are none", &error);
    }
    Ok(())
}

async fn stores(capture: &mut Capture) -> Result<()> {
    let transport: Arc<dyn Transport> = Arc::new(ReqwestTransport::new()?);
    let vendor = Vendor::start(Manner::NotHttp, true)?;
    let address = vendor.url().replace("http://", "");
    let (redis, postgres) = (Secret::RedisPassword.value(), Secret::DatabasePassword.value());
    let mut stores: Vec<(String, Arc<dyn TokenStore>)> = Vec::new();
    for url in [
        format!("redis://:{redis}@{NOWHERE}/0"),
        format!("redis://{redis}:{redis}@{address}"),
        format!("rediss://:{redis}@{address}"),
        format!("redis://:{redis}@{NOWHERE}/{redis}"),
        format!("redis://:{redis}@"),
        format!("redis://h:{redis}"),
        redis.clone(),
    ] {
        match RedisStore::new(&url) {
            Ok(store) => stores.push(("Redis".to_owned(), Arc::new(store))),
            Err(error) => add(capture, "a Redis URL", &error),
        }
    }
    let folder = tempfile::tempdir()?;
    let token = Secret::AccessToken.value();
    for (at, text) in [
        serde_json::json!({"format": 1, "tokens": {"x": {"access_token": token, "generation": token}}}).to_string(),
        serde_json::json!({"format": token}).to_string(),
        serde_json::json!({"format": 99, token.clone(): token}).to_string(),
        format!("{{\"tokens\": \"{}", Secret::AccessToken.parts()[0]),
        token.clone(),
    ]
    .iter()
    .enumerate()
    {
        let path = folder.path().join(format!("token-{at}.json"));
        std::fs::write(&path, text)?;
        stores.push(("a damaged file".to_owned(), Arc::new(FileStore::new(path))));
    }
    for (from, store) in stores {
        capture.add(from.clone(), debugged(&store));
        let weiting = calls::weiting("http://127.0.0.1:9", transport.clone()).token_store(store).build()?;
        if let Err(error) = weiting.access_token().await {
            add(capture, from, &error);
        }
    }
    let mut openings = JoinSet::new();
    for url in [
        format!("postgres://u:{postgres}@{NOWHERE}/d"),
        format!("postgres://u:{postgres}@{address}/d?sslmode=disable"),
        format!("postgres://u:{postgres}@{address}/d?sslmode=require"),
        format!("postgres://u:{postgres}@{NOWHERE}/d?sslmode={postgres}"),
        format!("postgres://u:{postgres}@{NOWHERE}/d?{postgres}={postgres}"),
        format!("postgres://u:{postgres}@h:{postgres}/d"),
        format!("postgres://u:{postgres}@/d?host=/nowhere/{NOWHERE}"),
        postgres.clone(),
    ] {
        let database = Database::postgres(&url);
        capture.add("a PostgreSQL URL", debugged(&database));
        openings.spawn(async move {
            let opening = Inbox::open(&database, Rules::new("a-developer"));
            tokio::time::timeout(Duration::from_secs(9), opening).await
        });
    }
    for opened in openings.join_all().await {
        if let Ok(Err(error)) = opened {
            add(capture, "a PostgreSQL URL", &error);
        }
    }
    let path = folder.path().join("inbox.db");
    std::fs::write(&path, token)?;
    if let Err(error) = Inbox::open(&Database::sqlite(path), Rules::new("a-developer")).await {
        add(capture, "a file that is no database", &error);
    }
    Ok(())
}

fn configurations(stage: Stage, capture: &mut Capture) -> Result<()> {
    // Keys differ in how they are read; which text they are given makes no difference among most.
    let some = if stage.is_quick { &PLANTED[..2] } else { &PLANTED[..] };
    let secrets: Vec<String> = some.iter().map(|secret| secret.value()).collect();
    let password = Secret::ProxyPassword.value();
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("secret");
    let defaults = Sources::new().load()?;
    for (key, _) in defaults.origins() {
        let (section, name) = key.split_once('.').unwrap_or((key, ""));
        for value in secrets.iter().cloned().chain([
            format!("http://u:{password}@h"),
            format!("redis://:{password}@h:x"),
            format!("postgres://u:{password}@h:x/d"),
            format!("rediss://u:{password}@h/9999999999"),
            format!("sqlite:{password}\u{0}"),
            format!("127.0.0.1:{password}"),
        ]) {
            // A path that is given is shown: it is no secret, whatever it is named.
            if name.ends_with("_file") || value.starts_with("sqlite:") {
                continue;
            }
            let quoted = toml_text(&value);
            for line in [
                format!("{name} = {quoted}"),
                format!("{name} = [{quoted}]"),
                format!("{name} = {value}"),
                format!("{name} = {{ {name} = {quoted} }}"),
                format!("{name} = {quoted}{quoted}"),
            ] {
                let text = format!("[{section}]\n{line}\n");
                configured(capture, &format!("{key} in a file"), Sources::new().toml("weifen.toml", text));
            }
            let variable = format!("WEIFEN_{}", key.replace('.', "_").to_uppercase());
            configured(
                capture,
                &format!("{key} in the environment"),
                Sources::new().environment([(variable, value.clone())]),
            );
            configured(capture, &format!("{key} by the program"), Sources::new().set(key, value));
        }
    }
    for key in [
        "weiting.secret_file",
        "fensi.app_secret_file",
        "serve.push_secret_file",
        "serve.deliver_secret_file",
        "http.ca_file",
    ] {
        for secret in &secrets {
            for content in
                [format!("{secret}\n\n"), format!(" {secret}"), format!("{secret}\nx\ny\nz"), secret.repeat(9000)]
            {
                std::fs::write(&file, content)?;
                configured(capture, &format!("the file of {key}"), Sources::new().set(key, file.display().to_string()));
            }
            let stdin = std::io::Cursor::new(format!(" {secret} \n\n").into_bytes());
            configured(capture, &format!("{key} from stdin"), Sources::new().set(key, "-").stdin(stdin));
        }
        configured(
            capture,
            &format!("{key} that is a folder"),
            Sources::new().set(key, folder.path().display().to_string()),
        );
    }
    Ok(())
}

fn toml_text(value: &str) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// Loads a configuration and asks for all that can be asked for.
fn configured(capture: &mut Capture, from: &str, sources: Sources) {
    capture.add(from, debugged(&sources));
    let config = match sources.load() {
        Ok(config) => config,
        Err(error) => return add(capture, from, &error),
    };
    // Identifiers and addresses are no secrets, and shown.
    if !["appid", "key", "base_url", "user_path"].iter().any(|shown| from.contains(shown)) {
        capture.add(from, debugged(&config));
    }
    for error in wants(from, &config) {
        add(capture, from, &*error);
    }
}

fn wants(from: &str, config: &Config) -> Vec<Box<dyn Error>> {
    let mut errors: Vec<Box<dyn Error>> = Vec::new();
    errors.extend(config.weiting.secret().err().map(Into::into));
    errors.extend(config.fensi.app_secret().err().map(Into::into));
    errors.extend(config.serve.push_secrets().err().map(Into::into));
    errors.extend(config.serve.delivery().err().map(Into::into));
    let builder = Weifen::builder(config.clone());
    // Making the default one takes long; what could be wrong with it stands in [http].
    let builder = if from.starts_with("http.") { builder } else { builder.transport(Arc::new(Planted)) };
    match builder.build() {
        Ok(weifen) => {
            errors.extend(weifen.weiting().err().map(Into::into));
            errors.extend(weifen.fensi().err().map(Into::into));
        }
        Err(error) => errors.push(error.into()),
    }
    errors
}

/// Values that are refused where they are made.
fn values(capture: &mut Capture) {
    let mut note = |error: &(dyn Error + 'static)| add(capture, "a value that is refused", error);
    for secret in PLANTED {
        let value = secret.value();
        // A host is no secret, and shown.
        for value in
            [format!("{value} "), format!("{value}\n"), format!("http://h/{value}"), format!("{value}:{value}@h")]
        {
            let mut errors: Vec<Box<dyn Error>> = Vec::new();
            errors.extend(value.parse::<Code>().err().map(Into::into));
            errors.extend(value.parse::<Ticket>().err().map(Into::into));
            errors.extend(value.parse::<Mobile>().err().map(Into::into));
            errors.extend(AuthorizeUrl::new(&value).err().map(Into::into));
            errors.extend(OpenidByCode::from_callback(&value).err().map(Into::into));
            errors.extend(
                OpenidByCode::from_callback(&format!("http://h/?code={value}&code={value}")).err().map(Into::into),
            );
            errors.extend(BaseUrl::new(&value, Plaintext::Refused).err().map(Into::into));
            errors.extend(BaseUrl::new(&format!("http://u:{value}@h"), Plaintext::Refused).err().map(Into::into));
            errors.extend(BaseUrl::new(&format!("http://h/?{value}"), Plaintext::Refused).err().map(Into::into));
            errors.extend(PushSecrets::new([SecretString::from(value.clone())]).err().map(Into::into));
            let transport = Arc::new(Planted);
            let key = SecretSlice::from(value.clone().into_bytes());
            errors.extend(Webhook::new(&value, key, transport.clone()).err().map(Into::into));
            let short = SecretSlice::from(b"x".to_vec());
            errors
                .extend(Webhook::new(&format!("http://u:{value}@h/"), short, transport.clone()).err().map(Into::into));
            errors.extend(calls::weiting(&value, transport.clone()).build().err().map(Into::into));
            errors.extend(
                calls::weiting("http://127.0.0.1:9", transport.clone()).user_path(&value).build().err().map(Into::into),
            );
            let weiting = weifen::weiting::Weiting::builder(&value, SecretString::from(value.clone()));
            errors.extend(weiting.transport(transport.clone()).build().err().map(Into::into));
            let fensi = weifen::fensi::Fensi::builder(&value, SecretString::from(value.clone()));
            errors.extend(fensi.key(&value).transport(transport).build().err().map(Into::into));
            for error in &errors {
                note(&**error);
            }
        }
    }
}

/// Bodies that are no answer and no push.
fn answers(capture: &mut Capture) {
    for secret in PLANTED {
        let text = serde_json::json!(secret.value()).to_string();
        for body in [
            text.clone(),
            format!("{{{text}: {text}}}"),
            format!("{{\"status\": {text}, \"openid\": {text}}}"),
            format!("{{\"status\": 200, \"openid\": {{{text}: {text}}}"),
            format!("{{\"status\": 200, \"openid\": [{text}"),
            secret.value(),
            format!("{{\"key\": {text}, \"bidding\": {text}}}"),
            format!("{{\"key\": {text}, \"key\": {text}}}"),
            format!("{{\"status\":0,\"errMsg\":{text}"),
        ] {
            capture.driven += 1;
            if let Err(NoAnswer::Undecodable(error)) = OpenidByCode::answer(body.as_bytes()) {
                capture.add("a body that is no answer", told(&error));
            }
            // A field's name that a person may have given is no value, and shown.
            if body.starts_with("{\"status\": \"") || body.starts_with("{\"key\": \"") {
                for drift in
                    OpenidByCode::DOCUMENTED.drifts(body.as_bytes()).into_iter().chain(Push::drifts(body.as_bytes()))
                {
                    capture.add("a drift", displayed(&drift));
                }
            }
            for parsed in [Push::parse(body.as_bytes()), Push::from_form(&body)] {
                capture.add("a push", parsed.map_or_else(|error| told(&error), |push| debugged(&push)));
            }
        }
    }
}

/// Cassettes that are none.
fn cassettes(capture: &mut Capture) {
    for secret in PLANTED {
        let text = serde_json::json!(secret.value()).to_string();
        for body in [
            text.clone(),
            format!("{{{text}: {text}}}"),
            format!("{{\"format\": {text}}}"),
            format!("{{\"made_by\": {text}, \"against\": {text}}}"),
            secret.value(),
        ] {
            match Cassette::parse("x.json".as_ref(), body.as_bytes()) {
                Ok(cassette) => capture.add("a cassette", debugged(&cassette)),
                Err(error) => add(capture, "a cassette that is none", &error),
            }
        }
    }
}
