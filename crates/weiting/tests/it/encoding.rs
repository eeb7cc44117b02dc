//! Body encoding of the operations for which the vendor documents none.

use weifen_weiting::{
    AuthorizeUrlRequest, BodyEncoding, LoginReportRequest, MobileByTicketRequest, NoticeTexts, OpenidByCodeRequest,
    PrizeNoticeRequest,
};

use crate::canned::{answering, builder};

/// Content type and body of the three operations with a selectable encoding, then of one with a fixed encoding.
async fn sent(encoding: BodyEncoding) -> Vec<(String, String)> {
    let transport = answering("{}");
    let client = builder(&transport).body_encoding(encoding).build().unwrap();
    _ = client.authorize_url(&AuthorizeUrlRequest::new("https://shop.example/?a=1&b=2").unwrap()).await;
    _ = client.openid_by_code(&OpenidByCodeRequest::new("c=1".parse().unwrap())).await;
    let texts = NoticeTexts {
        first: "一".to_owned(),
        activity: "b".to_owned(),
        prize: "c".to_owned(),
        remark: String::new(),
        url: "d".to_owned(),
    };
    _ = client.prize_notice(&PrizeNoticeRequest::new("o-1".parse().unwrap(), texts)).await;
    _ = client.login_report(&LoginReportRequest::new("o-1".parse().unwrap(), "18964524000".parse().unwrap())).await;
    transport.requests()[1..]
        .iter()
        .map(|request| {
            let content_type = request.headers()["content-type"].to_str().unwrap();
            (content_type.to_owned(), String::from_utf8(request.body().to_vec()).unwrap())
        })
        .collect()
}

#[tokio::test]
async fn bodies_are_form_or_json_as_the_client_was_told() {
    let (form, json) = ("application/x-www-form-urlencoded".to_owned(), "application/json".to_owned());
    let report = r#"{"openid":"o-1","deviceno":"18964524000","channel":"1","from":"love flow"}"#.to_owned();
    assert_eq!(
        sent(BodyEncoding::Form).await,
        [
            (form.clone(), "state=https%3A%2F%2Fshop.example%2F%3Fa%3D1%26b%3D2".to_owned()),
            (form.clone(), "code=c%3D1".to_owned()),
            (form, "openid=o-1&first=%E4%B8%80&activity=b&prize=c&remark=&url=d".to_owned()),
            (json.clone(), report.clone()),
        ]
    );
    assert_eq!(
        sent(BodyEncoding::Json).await,
        [
            (json.clone(), r#"{"state":"https://shop.example/?a=1&b=2"}"#.to_owned()),
            (json.clone(), r#"{"code":"c=1"}"#.to_owned()),
            (
                json.clone(),
                r#"{"openid":"o-1","first":"一","activity":"b","prize":"c","remark":"","url":"d"}"#.to_owned()
            ),
            (json, report),
        ]
    );
}

#[tokio::test]
async fn documented_queries_stay_queries() {
    let transport = answering("{}");
    let client = builder(&transport).body_encoding(BodyEncoding::Json).build().unwrap();
    _ = client.mobile_by_ticket(&MobileByTicketRequest::new("t+1".parse().unwrap())).await;
    let sent = transport.requests().pop().unwrap();
    assert_eq!(sent.method(), "GET");
    assert!(sent.uri().query().unwrap().ends_with("&ticket=t%2B1"));
}
