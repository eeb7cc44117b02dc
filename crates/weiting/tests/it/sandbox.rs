//! Every operation, against the sandbox over real HTTP.

use std::sync::Arc;
use std::time::Duration;

use weifen_sandbox::{Sandbox, test_data};
use weifen_transport::ReqwestTransport;
use weifen_weiting::{
    AuthorizeUrlRequest, BoundUserRequest, LoginReportRequest, MobileByTicketRequest, NoticeTexts, OrderReportRequest,
    PrizeNoticeRequest, RefusalKind, Weiting,
};

fn client(sandbox: &Sandbox) -> Weiting {
    Weiting::builder(sandbox.appid(), sandbox.secret())
        .base_url(sandbox.weiting_base_url())
        .user_path(sandbox.user_path())
        .transport(Arc::new(ReqwestTransport::new().unwrap()))
        .build()
        .unwrap()
}

#[tokio::test]
async fn every_operation_gets_its_answer() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = client(&sandbox);
    let openid = || test_data::OPENID.parse().unwrap();
    let device = || "18964524000".parse().unwrap();

    let redirect =
        client.authorize_url(&AuthorizeUrlRequest::new("https://shop.example/?machine=7#pay").unwrap()).await.unwrap();
    assert!(redirect.as_str().ends_with("#wechat_redirect"));
    let user = client.bound_user(&BoundUserRequest::new(openid())).await.unwrap();
    assert!(user.slots.len() > user.accounts().count(), "there are empty slots");
    let notice = PrizeNoticeRequest::new(openid(), NoticeTexts { prize: "玩偶".to_owned(), ..NoticeTexts::default() });
    client.prize_notice(&notice).await.unwrap();
    client.login_report(&LoginReportRequest::new(openid(), device())).await.unwrap();
    let order = OrderReportRequest::new(openid(), device(), "1G包").unwrap();
    assert!(!client.order_report(&order).await.unwrap().as_str().is_empty());
    let (ticket, mobile) = test_data::TICKETS[0];
    let found = client.mobile_by_ticket(&MobileByTicketRequest::new(ticket.parse().unwrap())).await.unwrap();
    assert_eq!(found.as_str(), mobile);
}

#[tokio::test]
async fn a_token_that_has_ended_at_the_vendor_is_replaced() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = client(&sandbox);
    let request = LoginReportRequest::new(test_data::OPENID.parse().unwrap(), "18964524000".parse().unwrap());
    client.login_report(&request).await.unwrap();
    sandbox.advance(Duration::from_secs(7201)).unwrap();
    client.login_report(&request).await.unwrap();
    assert_eq!(client.access_token().await.unwrap().generation(), 2);
}

#[tokio::test]
async fn the_documented_refusals_arrive() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = client(&sandbox);
    let kind = |ticket: &str| {
        let request = MobileByTicketRequest::new(ticket.parse().unwrap());
        let client = client.clone();
        async move { client.mobile_by_ticket(&request).await.unwrap_err().refusal().unwrap().kind() }
    };
    assert_eq!(kind(test_data::TICKET_FAULT).await, RefusalKind::ServiceFault);
    assert_eq!(kind("no-such-ticket").await, RefusalKind::TicketUnknown);
}
