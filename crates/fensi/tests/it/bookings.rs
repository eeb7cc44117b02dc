//! A QR code is booked after the answer and before its caller gets it.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use weifen_fensi::{Booking, Bookings, Fen, QrcodeRequest, Reference};
use weifen_transport::{ErrorKind, Failure, Outcome, StoreError, StoreErrorKind, async_trait};

use crate::canned::{answering, builder};

const ANSWER: &str = r#"{"code":20000,"message":"ok","data":{"key":"k","develop_appid":"d","nickname":"n","city_code":null,
    "auth_open_id":"echo","bidding":90,"appid":"wx-account","appname":"a","code":null,"expire":120,"qrcode_url":"http://h/q"}}"#;
const NO_MATCH: &str = r#"{"code":50000,"message":"暂无匹配的公众号！"}"#;

#[derive(Debug, Default)]
struct Noted {
    is_full: bool,
    bookings: Mutex<Vec<Booking>>,
}

#[async_trait]
impl Bookings for Noted {
    async fn book(&self, booking: &Booking) -> Result<(), StoreError> {
        if self.is_full {
            return Err(StoreError::new(
                "the book",
                StoreErrorKind::Unavailable,
                io::Error::from(io::ErrorKind::StorageFull),
            ));
        }
        self.bookings.lock().unwrap().push(booking.clone());
        Ok(())
    }
}

fn request() -> QrcodeRequest {
    QrcodeRequest::new("user".parse().unwrap(), "nick", "183.13.188.125".parse().unwrap()).unwrap()
}

#[tokio::test]
async fn a_code_is_booked_for_the_user_asked_for_at_the_configured_device_until_its_end_and_a_grace() {
    let noted = Arc::new(Noted::default());
    let fensi = builder(&answering(ANSWER)).key("device").bookings(noted.clone()).build().unwrap();
    fensi.qrcode(&request()).await.unwrap();
    let booked = noted.bookings.lock().unwrap();
    let expected = Booking::new(
        "jbh200453e0488d6",
        "user".parse().unwrap(),
        "device",
        "wx-account",
        Duration::from_secs(120 + 15 * 60),
    );
    assert_eq!(*booked, [expected.bid(Fen(90))]);
}

#[tokio::test]
async fn a_booking_has_the_requests_reference_or_the_clients_and_neither_is_sent() {
    let reference = |text: &str| text.parse::<Reference>().unwrap();
    let noted = Arc::new(Noted::default());
    let vendor = answering(ANSWER);
    let fensi =
        builder(&vendor).key("device").reference(reference("machine-7")).bookings(noted.clone()).build().unwrap();
    fensi.qrcode(&request()).await.unwrap();
    fensi.qrcode(&request().reference(reference("order-1"))).await.unwrap();
    let references: Vec<_> = noted.bookings.lock().unwrap().iter().map(|booking| booking.reference.clone()).collect();
    assert_eq!(references, [Some(reference("machine-7")), Some(reference("order-1"))]);
    for sent in vendor.requests() {
        let sent = String::from_utf8_lossy(sent.body()).into_owned();
        assert!(!sent.contains("machine-7") && !sent.contains("order-1"), "{sent}");
    }
}

#[test]
fn a_reference_is_one_line_of_at_most_two_hundred_characters() {
    let (longest, too_long) = ("单".repeat(200), "单".repeat(201));
    assert_eq!(Reference::new(&longest).unwrap().as_str(), longest);
    for (text, problem) in [(too_long.as_str(), "longer than 200"), (" ", "empty or blank"), ("a\nb", "control")] {
        let error = Reference::new(text).unwrap_err().to_string();
        assert!(error.contains("reference") && error.contains(problem), "{error}");
    }
    assert_eq!(format!("{:?}", Reference::new("order-1").unwrap()), "[redacted]");
}

#[tokio::test]
async fn a_code_that_cannot_be_booked_is_withheld() {
    let full = Arc::new(Noted { is_full: true, ..Noted::default() });
    let canned = answering(ANSWER);
    let fensi = builder(&canned).key("device").bookings(full).build().unwrap();
    let error = fensi.qrcode(&request()).await.unwrap_err();
    assert!(matches!(error.failure(), Failure::NotBooked(_)));
    assert_eq!(
        (error.kind(), error.outcome(), error.is_retryable()),
        (ErrorKind::UnknownOutcome, Outcome::Unknown, false)
    );
    assert_eq!(canned.requests().len(), 1);
}

#[tokio::test]
async fn without_a_match_nothing_is_booked() {
    let noted = Arc::new(Noted::default());
    let fensi = builder(&answering(NO_MATCH)).key("device").bookings(noted.clone()).build().unwrap();
    assert_eq!(fensi.qrcode(&request()).await.unwrap(), None);
    assert!(noted.bookings.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_random_state_is_sent_and_booked_where_the_request_has_none() {
    let noted = Arc::new(Noted::default());
    let canned = answering(ANSWER);
    let fensi = builder(&canned).key("device").bookings(noted.clone()).random_states().build().unwrap();
    fensi.qrcode(&request()).await.unwrap();
    fensi.qrcode(&request().state("own").unwrap()).await.unwrap();
    let states: Vec<_> = noted.bookings.lock().unwrap().iter().map(|booking| booking.state.clone().unwrap()).collect();
    let sent: Vec<_> = canned.requests().iter().map(|r| String::from_utf8_lossy(r.body()).into_owned()).collect();
    assert!(!states[0].is_empty() && sent[0].contains(&format!("\"state\":\"{}\"", states[0])), "{states:?} {sent:?}");
    assert_eq!(states[1], "own");
}
