//! The documented requests, built from their values.

use secrecy::SecretString;
use serde_json::{Map, Value as Json, json};
use weifen_proto::fensi::{AuthOpenId, QrcodeRequest, SceneId, Sex};
use weifen_proto::weiting::{
    AccessTokenRequest, AuthorizeUrlRequest, BoundUserRequest, DeviceNo, LoginReportRequest, MobileByTicketRequest,
    NoticeTexts, Openid, OpenidByCodeRequest, OrderReportRequest, PrizeNoticeRequest,
};
use weifen_proto::{Endpoint, Value};

use crate::fixtures::read;

pub(crate) const OPENID: &str = "oKXUCj1Fp4fNnb99liSkslcM_D-X";

pub(crate) fn openid() -> Openid {
    OPENID.parse().unwrap()
}

pub(crate) fn device() -> DeviceNo {
    "18964524000".parse().unwrap()
}

pub(crate) fn documented_qrcode() -> QrcodeRequest {
    QrcodeRequest::new(
        AuthOpenId::new("oleiaYv6i50I7ADTlmIGN4WO-2RGM").unwrap(),
        "追梦小窝",
        "183.13.188.125".parse().unwrap(),
    )
    .unwrap()
    .sex(Sex::Any)
    .label(SceneId(1))
    .key("3e3add4a720c11e9ab2100163e0488d6")
    .unwrap()
}

/// Returns the sent parameters as a JSON object. Their names are the operation's, beside those that a caller adds.
pub(crate) fn sent<E: Endpoint>(request: &E) -> Json {
    let parameters = request.parameters();
    let names: Vec<_> = parameters.iter().map(|parameter| &*parameter.name).take(E::PARAMETERS.len()).collect();
    assert_eq!(names, E::PARAMETERS);
    let mut object = Map::new();
    for parameter in parameters {
        let value = match parameter.value {
            Value::Text(text) => text.into_owned().into(),
            Value::Integer(integer) => integer.into(),
            Value::Absent | Value::Configured => continue,
        };
        assert!(object.insert(parameter.name.into_owned(), value).is_none(), "a parameter stands twice");
    }
    object.into()
}

fn documented(name: &str) -> Json {
    serde_json::from_slice(&read(name)).unwrap()
}

#[test]
fn weitings_requests_are_the_documented_ones() {
    let secret = SecretString::from("SECRET");
    assert_eq!(sent(&AccessTokenRequest::new("APPID", secret)), documented("weiting/access_token/request.json"));

    let page = AuthorizeUrlRequest::new("http://m.sh.189.cn/service/wxoauth/2.0/index").unwrap();
    assert_eq!(sent(&page), documented("weiting/authorize_url/request.json"));

    let code = OpenidByCodeRequest::new("NTc1ZmFmNGIwODYxM2U3YjZkOTE3ZWUz".parse().unwrap());
    assert_eq!(sent(&code), documented("weiting/openid_by_code/request.json"));

    assert_eq!(sent(&BoundUserRequest::new(openid())), documented("weiting/bound_user/request.json"));

    let ticket = MobileByTicketRequest::new("TICKET".parse().unwrap());
    assert_eq!(sent(&ticket), json!({"ticket": "TICKET"}));

    let notice = PrizeNoticeRequest::new(
        openid(),
        NoticeTexts {
            first: "亲爱的老司机，您的游戏积分已经排在全国前十名。".to_owned(),
            activity: "老司机大比拼".to_owned(),
            prize: "限量精美玩偶一个".to_owned(),
            remark: "获奖者：17717500243".to_owned(),
            url: "https://shop.example/prize?id=7".to_owned(),
        },
    );
    assert_eq!(sent(&notice), documented("weiting/prize_notice/request-example.json"));

    let login = LoginReportRequest::new(openid(), device());
    assert_eq!(sent(&login), documented("weiting/login_report/request-required.json"));
    let login = login.operators("中国电信").qcellcore("上海");
    assert_eq!(sent(&login), documented("weiting/login_report/request-example.json"));

    let order = OrderReportRequest::new(openid(), device(), "1G包").unwrap();
    assert_eq!(sent(&order), documented("weiting/order_report/request-required.json"));
    let order = order.ordered_on("2016-10-14".parse().unwrap()).unwrap();
    assert_eq!(sent(&order), documented("weiting/order_report/request-example.json"));
}

#[test]
fn fensis_request_is_the_documented_one_but_for_the_signing_parameters() {
    let mut documented = documented("fensi/qrcode/request.json");
    for added_by_the_client in ["develop_appid", "timestamp", "nonce", "signature"] {
        documented.as_object_mut().unwrap().remove(added_by_the_client).unwrap();
    }
    assert_eq!(sent(&documented_qrcode()), documented);
}
