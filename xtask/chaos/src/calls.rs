//! The calls of a run: every operation in turn, each write and each once-call with a marker of its own.

use std::net::{IpAddr, Ipv4Addr};

use anyhow::Result;
use weifen::fensi::{CitiesRequest, QrcodeRequest, SceneId, ScenesRequest};
use weifen::proto::{Endpoint, Operation};
use weifen::weiting::{
    AuthorizeUrlRequest, BoundUserRequest, LoginReportRequest, MobileByTicketRequest, NoticeTexts, OpenidByCodeRequest,
    OrderReportRequest, PrizeNoticeRequest, Weiting,
};
use weifen_sandbox::test_data;

use crate::told::Told;
use crate::vendors::Vendors;

/// One turn.
const TURN: [Kind; 20] = [
    Kind::OrderReport,
    Kind::LoginReport,
    Kind::PrizeNotice,
    Kind::Qrcode,
    Kind::OpenidByCode,
    Kind::MobileByTicket,
    Kind::OrderReport,
    Kind::AuthorizeUrl,
    Kind::PrizeNoticeRefused,
    Kind::Scenes,
    Kind::Qrcode,
    Kind::OrderReport,
    Kind::BoundUser,
    Kind::LoginReport,
    Kind::QrcodeWithoutMatch,
    Kind::Cities,
    Kind::AuthorizeUrl,
    Kind::Scenes,
    Kind::BoundUser,
    Kind::Cities,
];

#[derive(Debug, Clone, Copy)]
enum Kind {
    AuthorizeUrl,
    OpenidByCode,
    BoundUser,
    PrizeNotice,
    PrizeNoticeRefused,
    LoginReport,
    OrderReport,
    MobileByTicket,
    Qrcode,
    QrcodeWithoutMatch,
    Scenes,
    Cities,
}

/// A call to be made.
pub(crate) struct Call {
    kind: Kind,
    marker: String,
}

/// A call that was made.
pub(crate) struct Made {
    pub(crate) operation: &'static Operation,
    /// By which the log knows it; none for a call that happens to nobody.
    pub(crate) marker: Option<String>,
    pub(crate) told: Told,
}

impl Call {
    pub(crate) fn nth(seed: u64, number: usize) -> Self {
        Self { kind: TURN[number % TURN.len()], marker: format!("chaos-{seed}-{number}") }
    }

    pub(crate) async fn make(self, vendors: &Vendors) -> Result<Made> {
        let Self { kind, marker } = self;
        let Vendors { weiting, fensi, .. } = vendors;
        match kind {
            Kind::AuthorizeUrl => safe(weiting, &AuthorizeUrlRequest::new("https://partner.example/")?).await,
            Kind::BoundUser => safe(weiting, &BoundUserRequest::new(test_data::OPENID.parse()?)).await,
            Kind::OpenidByCode => {
                let code = vendors.code().await?;
                let request = OpenidByCodeRequest::new(code.parse()?);
                marked(weiting, &request, code).await
            }
            Kind::PrizeNotice => marked(weiting, &notice(test_data::OPENID, &marker)?, marker).await,
            Kind::PrizeNoticeRefused => marked(weiting, &notice(test_data::OPENID_PUSH_FAULT, &marker)?, marker).await,
            Kind::LoginReport => {
                let report = LoginReportRequest::new(test_data::OPENID.parse()?, "18964524000".parse()?);
                marked(weiting, &report.operators(&marker), marker).await
            }
            Kind::OrderReport => {
                let report = OrderReportRequest::new(test_data::OPENID.parse()?, "18964524000".parse()?, &marker)?;
                marked(weiting, &report, marker).await
            }
            // The sandbox knows three tickets; all others it refuses.
            Kind::MobileByTicket => marked(weiting, &MobileByTicketRequest::new(marker.parse()?), marker).await,
            Kind::Qrcode | Kind::QrcodeWithoutMatch => {
                let mut request = QrcodeRequest::new(marker.parse()?, "昵称", IpAddr::from(Ipv4Addr::LOCALHOST))?;
                if matches!(kind, Kind::QrcodeWithoutMatch) {
                    request = request.label(SceneId(test_data::LABEL_WITHOUT_ACCOUNTS));
                }
                let outcome = fensi.qrcode(&request).await;
                // No match is the vendor's no, however friendly.
                let told = match &outcome {
                    Ok(None) => Told::Refused,
                    outcome => Told::of(&QrcodeRequest::OPERATION, outcome)?,
                };
                Ok(Made { operation: &QrcodeRequest::OPERATION, marker: Some(marker), told })
            }
            Kind::Scenes => {
                let told = Told::of(&ScenesRequest::OPERATION, &fensi.scenes().await)?;
                Ok(Made { operation: &ScenesRequest::OPERATION, marker: None, told })
            }
            Kind::Cities => {
                let told = Told::of(&CitiesRequest::OPERATION, &fensi.cities().await)?;
                Ok(Made { operation: &CitiesRequest::OPERATION, marker: None, told })
            }
        }
    }
}

fn notice(openid: &str, prize: &str) -> Result<PrizeNoticeRequest> {
    let texts = NoticeTexts { prize: prize.to_owned(), ..NoticeTexts::default() };
    Ok(PrizeNoticeRequest::new(openid.parse()?, texts))
}

async fn safe<E: Endpoint>(weiting: &Weiting, request: &E) -> Result<Made> {
    made(weiting, request, None).await
}

async fn marked<E: Endpoint>(weiting: &Weiting, request: &E, marker: String) -> Result<Made> {
    made(weiting, request, Some(marker)).await
}

async fn made<E: Endpoint>(weiting: &Weiting, request: &E, marker: Option<String>) -> Result<Made> {
    let operation = const { &E::OPERATION };
    let told = Told::of(operation, &weiting.call(request).await)?;
    Ok(Made { operation, marker, told })
}
