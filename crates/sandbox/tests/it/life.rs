//! How a sandbox begins, lives beside others, and ends.

use std::{
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use weifen_sandbox::{Sandbox, StartError, test_data};

use crate::partner::{fetch_token, get, qrcode, start, token_path, with_token};

#[tokio::test]
async fn it_listens_on_loopback() {
    let sandbox = start().await;
    assert!(sandbox.addr().ip().is_loopback());
    assert_eq!(sandbox.weiting_base_url(), format!("http://{}", sandbox.addr()));
}

#[tokio::test]
async fn many_live_in_one_process_and_share_nothing() {
    let mut all = Vec::new();
    for _ in 0..20 {
        all.push(start().await);
    }
    let path = with_token(&all[0], &format!("{}?openid={}", test_data::USER_PATH, test_data::OPENID))
        .replacen("?access", "&access", 1);
    assert_eq!(get(all[0].addr(), &path).json()["flag"], 0);
    all[0].advance(Duration::from_hours(1)).unwrap();
    for other in &all[1..] {
        assert_eq!(get(other.addr(), &path).json()["status"], 0);
        assert_eq!(other.log().len(), 1);
        assert!(other.now() < all[0].now());
    }
}

#[tokio::test]
async fn dropped_it_is_gone() {
    let sandbox = start().await;
    let address = sandbox.addr();
    let idle = TcpStream::connect(address).unwrap();
    fetch_token(&sandbox);
    drop(sandbox);
    assert!(TcpStream::connect(address).is_err());
    idle.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let closed = std::io::Read::read(&mut &idle, &mut [0; 8]);
    assert!(!matches!(closed, Ok(1..)), "{closed:?}");
    // Its port can be taken again at once.
    let again = Sandbox::builder().listen(address).start().await.unwrap();
    assert_eq!(again.addr(), address);
}

#[tokio::test]
async fn stopped_it_finishes_the_answer_under_way() {
    use std::io::{Read, Write};
    let sandbox = start().await;
    let address = sandbox.addr();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let head = "POST /open/commercial/get_scene HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nExpect: 100-continue\r\nContent-Length: 15\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    let mut goes_on = [0; 25];
    stream.read_exact(&mut goes_on).unwrap();
    assert_eq!(&goes_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    let stopping = tokio::spawn(sandbox.stop());
    let begun = Instant::now();
    while TcpStream::connect(address).is_ok() {
        assert!(begun.elapsed() < Duration::from_secs(4), "it listens still");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    stream.write_all(b"develop_appid=x").unwrap();
    stopping.await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("50003"), "{answer}");
}

#[tokio::test]
async fn stopped_it_does_not_wait_for_idle_connections() {
    use std::io::{Read, Write};
    let sandbox = start().await;
    let unused = TcpStream::connect(sandbox.addr()).unwrap();
    let mut idle = TcpStream::connect(sandbox.addr()).unwrap();
    idle.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    assert!(idle.read(&mut [0; 1024]).unwrap() > 0);
    let begun = Instant::now();
    sandbox.stop().await;
    assert!(begun.elapsed() < Duration::from_millis(4500));
    drop(unused);
}

#[tokio::test]
async fn a_taken_port_is_told() {
    let sandbox = start().await;
    let error = Sandbox::builder().listen(sandbox.addr()).start().await.unwrap_err();
    assert!(matches!(error, StartError::Listen { address, .. } if address == sandbox.addr()));
    assert!(error.to_string().contains(&sandbox.addr().to_string()));
}

#[tokio::test]
async fn settings_that_make_no_sense_are_told() {
    for url in ["", "sandbox.test", "ftp://sandbox.test", "http://sandbox.test/?a=b", "http://sandbox.test/#a"] {
        let error = Sandbox::builder().public_url(url).start().await.unwrap_err();
        assert!(matches!(error, StartError::PublicUrl(_)), "{url}");
    }
    let error = Sandbox::builder().token_life(Duration::ZERO).start().await.unwrap_err();
    assert!(matches!(error, StartError::TokenLife(_)));
    let error = Sandbox::builder().token_life(Duration::MAX).start().await.unwrap_err();
    assert!(matches!(error, StartError::TokenLife(_)));
    let error = Sandbox::builder().clock_start(jiff::Timestamp::MAX).start().await.unwrap_err();
    assert!(matches!(error, StartError::ClockStart(_)));
}

#[tokio::test]
async fn the_ready_line_has_all_that_a_program_needs() {
    let sandbox = start().await;
    let base = sandbox.weiting_base_url();
    let line = serde_json::to_string(&sandbox.ready()).unwrap();
    assert!(line.starts_with(r#"{"weiting_base_url":"#));
    let expected = json!({
        "weiting_base_url": base,
        "fensi_base_url": base,
        "control_url": format!("{base}/_sandbox"),
        "appid": test_data::APPID,
        "secret": test_data::SECRET,
        "develop_appid": test_data::DEVELOP_APPID,
        "app_secret": test_data::APP_SECRET,
        "key": test_data::KEY,
        "user_path": test_data::USER_PATH,
    });
    assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), expected);
}

#[tokio::test]
async fn an_unspecified_address_is_reached_by_loopback() {
    let sandbox = Sandbox::builder().listen(SocketAddr::from(([0, 0, 0, 0], 0))).start().await.unwrap();
    assert_eq!(sandbox.fensi_base_url(), format!("http://127.0.0.1:{}", sandbox.addr().port()));
}

#[tokio::test(start_paused = true)]
async fn a_paused_runtime_does_not_stop_it() {
    let sandbox = start().await;
    let before = sandbox.now();
    tokio::time::advance(Duration::from_hours(1)).await;
    assert_eq!(get(sandbox.addr(), &token_path()).json()["status"], 200);
    assert_eq!(qrcode(&sandbox, "user", &[])["code"], 20000);
    assert!(sandbox.now().duration_since(before) < jiff::SignedDuration::from_mins(30));
}

#[tokio::test]
async fn links_begin_with_the_public_url() {
    let sandbox = Sandbox::builder().public_url("https://sandbox.test/base/").start().await.unwrap();
    let answer = qrcode(&sandbox, "user", &[]);
    assert_eq!(answer["data"]["qrcode_url"], "https://sandbox.test/base/qrcode/1.png");
    let followed = sandbox.follow(weifen_sandbox::Follow::by("user")).await.unwrap();
    assert_eq!(followed.push["server_url"], "https://sandbox.test/base");
    assert_eq!(sandbox.weiting_base_url(), format!("http://{}", sandbox.addr()));
}
