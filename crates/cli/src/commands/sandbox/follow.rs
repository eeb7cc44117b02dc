//! `weifen sandbox follow`: a user follows an account at a running sandbox, which then pushes.

use bytes::Bytes;
use http::{Request, Response, header};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;
use weifen::transport::{ErrorKind, TransportError, in_words};

use crate::arguments::FollowArguments;
use crate::clients::Clients;
use crate::failure::Failure;
use crate::output::{Report, plain};
use crate::{shell, url_argument};

#[derive(Serialize)]
struct Follow<'a> {
    auth_open_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    appid: Option<&'a str>,
}

#[derive(Deserialize, Serialize)]
struct Followed {
    push: Value,
    deliveries: Vec<Delivery>,
    outstanding: u64,
}

#[derive(Deserialize, Serialize)]
struct Delivery {
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

#[derive(Deserialize)]
struct Refused {
    error: String,
}

pub(super) async fn run(arguments: &FollowArguments, clients: &Clients) -> Result<Report, Failure> {
    let control = url_argument::without_password("--control", arguments.control.clone())?;
    if !Url::parse(&control).is_ok_and(|url| matches!(url.scheme(), "http" | "https")) {
        return Err(Failure::usage("--control: expected a URL such as http://127.0.0.1:8123/_sandbox"));
    }
    let follow = Follow { auth_open_id: &arguments.auth_open_id, appid: arguments.appid.as_deref() };
    let body = serde_json::to_vec(&follow).map_err(|error| Failure::internal(error.to_string()))?;
    let request = Request::post(format!("{}/follow", control.trim_end_matches('/')))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Bytes::from(body))
        .map_err(|_| Failure::usage("--control: the URL is not valid"))?;
    let transport = clients.transport(clients.config().http.body_cap)?;
    let reply = transport.send(request).await.map_err(|error| unanswered(&error))?;
    let followed = read(&reply)?;
    let people = in_lines(&followed);
    Report::new(&followed, people)
}

fn unanswered(error: &TransportError) -> Failure {
    let words = in_words(error);
    if !matches!(error, TransportError::NotSent(_)) {
        let message = format!("--control: {words}; the user may still follow");
        return Failure::of_request(ErrorKind::UnknownOutcome, message);
    }
    let weifen = shell::this_program();
    Failure::of_request(ErrorKind::NotDelivered, format!("--control: no sandbox answers there: {words}")).with_hint(
        format!(
            "start a sandbox by `{weifen} sandbox` or `{weifen} serve --sandbox`, and give the control URL that it \
             prints"
        ),
    )
}

fn read(reply: &Response<Bytes>) -> Result<Followed, Failure> {
    if let Ok(Refused { error }) = serde_json::from_slice(reply.body()) {
        return Err(Failure::of_request(ErrorKind::Refused, format!("the sandbox refuses: {error}")));
    }
    serde_json::from_slice(reply.body()).map_err(|_| {
        let status = reply.status().as_u16();
        Failure::of_request(
            ErrorKind::Undecodable,
            format!("--control: the reply is not from a sandbox (HTTP {status})"),
        )
        .with_hint("give the control URL that the sandbox prints, such as http://127.0.0.1:8123/_sandbox")
    })
}

fn in_lines(followed: &Followed) -> String {
    let of_push = |name: &str| followed.push[name].as_str().unwrap_or_default();
    let mut lines = vec![format!("{} follows {}.", of_push("auth_open_id"), of_push("appid"))];
    lines.extend(followed.deliveries.iter().map(|delivery| match (delivery.status, &delivery.error) {
        (Some(status), _) => format!("The push was answered with HTTP {status}."),
        (None, error) => format!("The push got no answer: {}.", error.as_deref().unwrap_or("no reason was given")),
    }));
    match followed.outstanding {
        0 if followed.deliveries.is_empty() => lines.push("No push was sent: the sandbox has no push URL.".to_owned()),
        0 => {}
        outstanding => lines.push(format!("{outstanding} pushes are still to be sent.")),
    }
    lines.iter().map(|line| plain(line)).collect::<Vec<_>>().join("\n")
}
