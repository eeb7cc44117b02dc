//! `weifen fensi qrcode` · 获取公众号二维码

use std::sync::Arc;

use weifen::fensi::{AuthOpenId, Expiry, Fen, InvalidRequest, Qrcode, QrcodeRequest, Sex};
use weifen::proto::Vendor;

use crate::arguments::QrcodeArguments;
use crate::clients::Clients;
use crate::commands::inbox::opened;
use crate::failure::Failure;
use crate::output::{Output, Report, pairs, plain};
use crate::{qr, url_argument};

pub(crate) async fn run(mut arguments: QrcodeArguments, clients: &Clients, output: Output) -> Result<Report, Failure> {
    if let Some(state) = arguments.state {
        arguments.state = Some(url_argument::without_password("--state", state)?);
    }
    arguments.auth_open_id = clients.stdin(Vendor::Fensi).value("--auth-open-id", arguments.auth_open_id)?;
    let book = arguments.book;
    let config = clients.config();
    if let (true, Ok(key)) = (book, arguments.key.as_deref().map_or_else(|| config.fensi.key(), Ok)) {
        config.serve.check_device(key).map_err(|foreign| Failure::usage(format!("--book: {foreign}")))?;
    }
    let request = request(arguments).map_err(Failure::invalid::<QrcodeRequest>)?;
    let qrcode = if book { booked(&request, clients).await? } else { clients.fensi()?.qrcode(&request).await? };
    let people = match (&qrcode, output) {
        (_, Output::Json) => String::new(),
        (None, Output::People(_)) => "No account matches this user now.".to_owned(),
        (Some(qrcode), Output::People(_)) => shown(qrcode, clients).await?,
    };
    Report::of("qrcode", &qrcode, people)
}

/// Asks for the code once the inbox is open: a code that can't be booked is lost.
async fn booked(request: &QrcodeRequest, clients: &Clients) -> Result<Option<Qrcode>, Failure> {
    opened::for_bookings(clients.config(), async |inbox| {
        let fensi = clients.fensi_with(Arc::new(inbox.clone()))?;
        Ok(fensi.qrcode(request).await?)
    })
    .await
}

fn request(given: QrcodeArguments) -> Result<QrcodeRequest, InvalidRequest> {
    let user = AuthOpenId::new(given.auth_open_id)?;
    let ip = given.ip.parse().map_err(|_| InvalidRequest::new("ip", "must be an IPv4 or IPv6 address"))?;
    let sex: Sex = given.sex.parse()?;
    let mut request = QrcodeRequest::new(user, given.nickname, ip)?.sex(sex);
    if let Some(key) = given.key {
        request = request.key(key)?;
    }
    if let Some(label) = given.label {
        request = request.label(label.parse()?);
    }
    if let Some(state) = given.state {
        request = request.state(state)?;
    }
    if let Some(reference) = given.reference {
        request = request.reference(reference.parse()?);
    }
    Ok(request)
}

/// The drawn code and its facts. If it can't be drawn, the image's address has to do.
async fn shown(qrcode: &Qrcode, clients: &Clients) -> Result<String, Failure> {
    let transport = clients.transport(qr::IMAGE_CAP)?;
    let drawing = match qr::content_of(&*transport, &qrcode.image_url).await {
        Ok(content) => qr::draw(&content),
        Err(error) => Err(error),
    };
    let facts = facts(qrcode);
    Ok(match drawing {
        Ok(drawing) => format!("{drawing}\n{facts}"),
        Err(error) => {
            format!("{facts}\n\nThe code can't be drawn here: {}. Open the image.", plain(&error.to_string()))
        }
    })
}

fn facts(qrcode: &Qrcode) -> String {
    let name = qrcode.appname.as_deref().unwrap_or("(without a name)");
    let code = qrcode.verification_code.as_ref().map(|code| code.as_str().to_owned());
    let expiry = match &qrcode.expiry {
        Some(Expiry::Seconds(seconds)) => format!("in {seconds} s"),
        Some(Expiry::Other(text)) => text.clone(),
        _ => "not said".to_owned(),
    };
    pairs([
        ("account", format!("{name} ({})", qrcode.appid)),
        ("bid", in_yuan(qrcode.bid)),
        ("verification code", code.unwrap_or_else(|| "none needed".to_owned())),
        ("expires", expiry),
        ("image", qrcode.image_url.clone()),
    ])
}

/// An amount in fen and in yuan.
pub(in crate::commands) fn in_yuan(amount: Fen) -> String {
    format!("{amount} ({}.{:02} yuan)", amount.0 / 100, amount.0 % 100)
}
