//! POST /v1/fensi/qrcodes · 获取公众号二维码

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use weifen::config::Scope;
use weifen::fensi::{self, AuthOpenId, Reference, SceneId, Sex};
use weifen::inbox::KeptBooking;

use crate::api::Api;
use crate::api::bookings::Booking;
use crate::api::fault::{Fault, Faults};
use crate::api::format;
use crate::api::operation::{Key, Method, OF_CALLS, Operation, Route};
use crate::api::problem::Problem;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct QrcodeRequest {
    /// The user who is to follow: your own name for them.
    #[schema(min_length = 1, max_length = 255, format = "id")]
    auth_open_id: String,
    /// The user's nickname.
    #[schema(min_length = 1)]
    nickname: String,
    /// The user's sex: 0 any, 1 male, 2 female.
    #[schema(minimum = 0, maximum = 2)]
    sex: i64,
    /// The user's IP address, by which the vendor finds their city.
    #[schema(min_length = 1, format = "ip")]
    ip: String,
    /// The device, one of `serve.keys`; `fensi.key` if absent.
    #[schema(min_length = 1, max_length = 255, format = "id")]
    key: Option<String>,
    /// The number of the scene.
    #[schema(minimum = 0, maximum = 4_294_967_295_i64)]
    label: Option<u32>,
    /// A text that the push must bring back.
    #[schema(min_length = 1, max_length = 1024, format = "state")]
    state: Option<String>,
    /// Your own text, such as an order's number: it comes back in the delivery, and the vendor never sees it.
    #[schema(min_length = 1, max_length = 200, format = "reference")]
    reference: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(in crate::api) struct QrcodeAnswer {
    /// null where no account matches the user now, which is common: the same request, with the same key, may be sent
    /// again later.
    #[schema(value_type = Option<Qrcode>)]
    qrcode: Option<fensi::Qrcode>,
    /// null where there is no QR code.
    booking: Option<Booking>,
    #[serde(skip)]
    to_book: Option<fensi::Booking>,
}

/// An account that the user may follow, under the vendor's names.
#[derive(ToSchema)]
#[expect(dead_code, reason = "its schema alone is used: the client's `Qrcode` writes it")]
struct Qrcode {
    /// The device, repeated.
    key: Option<String>,
    /// The developer, repeated.
    develop_appid: Option<String>,
    /// The user's nickname, repeated.
    nickname: Option<String>,
    /// The city that the user was found in.
    city_code: Option<i64>,
    /// The user, repeated.
    auth_open_id: Option<String>,
    /// The price that the account's owner pays for this follow, in fen.
    bidding: i64,
    /// The account to follow.
    appid: String,
    /// The account's name.
    appname: Option<String>,
    /// The text that the user must send to the account after following it; null where none is needed.
    code: Option<String>,
    /// Time in which the code can be scanned: seconds as an integer (assumed), or another text of the vendor.
    expire: Option<serde_json::Value>,
    /// The address of the code's image.
    #[schema(rename = "qrcode_url")]
    image_url: String,
}

impl QrcodeRequest {
    fn request(&self, api: &Api) -> Result<fensi::QrcodeRequest, Problem> {
        let mut faults = Faults::default();
        let user = faults.value(AuthOpenId::new(&*self.auth_open_id));
        let ip = faults.value(format::ip(&self.ip).map_err(|problem| Fault::in_body("ip", problem)));
        let sex = faults.value(self.sex.to_string().parse::<Sex>());
        let reference = faults.value(self.reference.clone().map(Reference::new).transpose());
        if let Ok(key) = self.key.as_deref().map_or_else(|| api.config.fensi.key(), Ok) {
            let is_ours = api.config.serve.check_device(key);
            faults.value(is_ours.map_err(|foreign| Fault::in_body("key", foreign.to_string())));
        }
        let request = user
            .zip(ip)
            .and_then(|(user, ip)| faults.value(fensi::QrcodeRequest::new(user, self.nickname.clone(), ip)));
        let Some(mut request) = request else { return faults.whole(None) };
        request = request.sex(sex.unwrap_or_default());
        if let Some(key) = &self.key {
            request = faults.value(request.clone().key(key.clone())).unwrap_or(request);
        }
        if let Some(state) = &self.state {
            request = faults.value(request.clone().state(state.clone())).unwrap_or(request);
        }
        if let Some(scene) = self.label {
            request = request.label(SceneId(scene));
        }
        if let Some(reference) = reference.flatten() {
            request = request.reference(reference);
        }
        faults.whole(Some(request))
    }
}

impl Operation for QrcodeRequest {
    type Answer = QrcodeAnswer;

    const ROUTE: Route = Route {
        method: Method::Post,
        path: "/v1/fensi/qrcodes",
        id: "fensiQrcode",
        summary: "获取公众号二维码: the QR code of an account for a user, booked",
        scope: Some(Scope::Fensi),
        problems: OF_CALLS,
    };

    const KEY: Key = Key::Taken;

    fn check(&self, api: &Api) -> Result<(), Problem> {
        self.request(api).map(drop)
    }

    async fn answer(self, api: Arc<Api>) -> Result<QrcodeAnswer, Problem> {
        let (request, fensi) = (self.request(&api)?, api.clients.fensi()?);
        let qrcode = fensi.qrcode(&request).await?;
        let to_book = qrcode.as_ref().map(|qrcode| fensi.booking(&request, qrcode));
        Ok(QrcodeAnswer { qrcode, booking: None, to_book })
    }

    fn is_final(answer: &QrcodeAnswer) -> bool {
        answer.qrcode.is_some()
    }

    fn booking(answer: &QrcodeAnswer) -> Option<&fensi::Booking> {
        answer.to_book.as_ref()
    }

    fn booked(answer: &mut QrcodeAnswer, kept: KeptBooking) {
        answer.booking = Some(kept.into());
    }
}
