//! A business that takes deliveries of events and shares no code with weifen: it checks signatures by its own code.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::setup::DELIVER_SECRET;
use crate::support::{Connection, RawRequest, RawServer};

const LONGEST_HANG: Duration = Duration::from_secs(300);
/// Tolerance of Standard Webhooks for the time of a delivery.
const RECENT: Duration = Duration::from_secs(300);

pub(super) struct Business {
    server: RawServer,
    desk: Arc<Desk>,
}

/// Its answer to a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Status(u16),
    /// No answer until there is another plan, and then 200.
    Hang,
    /// A 200 whose body comes only with another plan.
    Stall,
}

impl Answer {
    pub(super) const TAKEN: Self = Self::Status(200);
    const FORGED: Self = Self::Status(401);
}

/// One attempt at a delivery, on record before it is answered.
#[derive(Debug, Clone)]
pub(super) struct Attempt {
    /// The webhook-id.
    pub(super) id: String,
    pub(super) body: String,
    pub(super) answer: Answer,
}

impl Attempt {
    pub(super) fn data(&self) -> Value {
        serde_json::from_str::<Value>(&self.body).unwrap()["data"].clone()
    }

    pub(super) fn user(&self) -> String {
        self.data()["auth_open_id"].as_str().unwrap().to_owned()
    }
}

impl Business {
    /// A business that takes everything.
    pub(super) fn start() -> Self {
        let desk = Arc::new(Desk::default());
        let server = RawServer::start({
            let desk = Arc::clone(&desk);
            move |connection| desk.serve(connection)
        });
        Self { server: server.unwrap(), desk }
    }

    pub(super) fn url(&self) -> String {
        format!("{}/follows", self.server.url())
    }

    /// Changes its answer from now on; attempts that hang are answered.
    pub(super) fn answers(&self, answer: Answer) {
        self.desk.replan(answer, usize::MAX);
    }

    /// The same for the first `times` attempts of each id; later ones are taken.
    pub(super) fn answers_first(&self, times: usize, answer: Answer) {
        self.desk.replan(answer, times);
    }

    /// All attempts until now, in their order; none had a wrong signature.
    pub(super) fn attempts(&self) -> Vec<Attempt> {
        let attempts = self.desk.book().attempts.clone();
        assert!(attempts.iter().all(|attempt| attempt.answer != Answer::FORGED), "a signature was wrong");
        attempts
    }

    /// The attempts that it took.
    pub(super) fn taken(&self) -> Vec<Attempt> {
        self.attempts().into_iter().filter(|attempt| attempt.answer == Answer::TAKEN).collect()
    }
}

/// The state that its connections share.
#[derive(Default)]
struct Desk {
    book: Mutex<Book>,
    replanned: Condvar,
}

struct Book {
    plan: Answer,
    times: usize,
    /// Number of plans so far.
    plans: usize,
    /// Number of attempts under this plan, by id.
    answered: BTreeMap<String, usize>,
    attempts: Vec<Attempt>,
}

impl Default for Book {
    fn default() -> Self {
        Self { plan: Answer::TAKEN, times: 0, plans: 0, answered: BTreeMap::new(), attempts: Vec::new() }
    }
}

impl Desk {
    /// Serves a connection for as long as it is kept.
    fn serve(&self, connection: &mut Connection) -> io::Result<()> {
        loop {
            let delivery = connection.request()?;
            let answer = self.answer(&delivery);
            if answer == Answer::Hang {
                self.wait_for_a_plan();
            }
            let (status, length) = match answer {
                Answer::Status(status) => (status, 0),
                Answer::Hang => (200, 0),
                Answer::Stall => (200, 9),
            };
            // A server that was killed has broken off its deliveries.
            write!(connection, "HTTP/1.1 {status} So\r\ncontent-length: {length}\r\n\r\n")?;
            if answer == Answer::Stall {
                self.wait_for_a_plan();
                return Ok(());
            }
        }
    }

    /// Notes the attempt, and returns its answer.
    fn answer(&self, delivery: &RawRequest) -> Answer {
        let id = delivery.header("webhook-id").unwrap_or_default().to_owned();
        let is_genuine = is_genuine(delivery, DELIVER_SECRET);
        let mut book = self.book();
        let count = book.answered.entry(id.clone()).or_default();
        *count += 1;
        let is_planned = *count <= book.times;
        let answer = match book.plan {
            _ if !is_genuine => Answer::FORGED,
            plan if is_planned => plan,
            _ => Answer::TAKEN,
        };
        book.attempts.push(Attempt { id, body: String::from_utf8(delivery.body.clone()).unwrap(), answer });
        answer
    }

    fn wait_for_a_plan(&self) {
        let book = self.book();
        let plan = book.plans;
        let _replanned = self.replanned.wait_timeout_while(book, LONGEST_HANG, |book| book.plans == plan);
    }

    fn replan(&self, answer: Answer, times: usize) {
        let mut book = self.book();
        (book.plan, book.times, book.plans) = (answer, times, book.plans + 1);
        book.answered.clear();
        self.replanned.notify_all();
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns true for a recent request that is signed with this secret.
pub(super) fn is_genuine(delivery: &RawRequest, secret: &str) -> bool {
    let header = |name| delivery.header(name).unwrap_or_default();
    let sent = Duration::from_secs(header("webhook-timestamp").parse().unwrap_or_default());
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap();
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let signed = [header("webhook-id").as_bytes(), header("webhook-timestamp").as_bytes(), &delivery.body].join(&b'.');
    let expected = format!("v1,{}", STANDARD.encode(hmac(&key, &signed)));
    now.abs_diff(sent) < RECENT && header("webhook-signature").split(' ').any(|signature| signature == expected)
}

/// HMAC-SHA256 by RFC 2104, independent of weifen's.
fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let padded = |with: u8| -> Vec<u8> { (0..64).map(|at| key.get(at).copied().unwrap_or_default() ^ with).collect() };
    let inner = Sha256::new().chain_update(padded(0x36)).chain_update(text).finalize();
    Sha256::new().chain_update(padded(0x5c)).chain_update(inner).finalize().to_vec()
}

#[test]
fn only_a_delivery_that_is_signed_and_recent_is_genuine() {
    let signed = |timestamp: u64, body: &str| {
        let key = STANDARD.decode(&DELIVER_SECRET["whsec_".len()..]).unwrap();
        let signature = STANDARD.encode(hmac(&key, format!("id.{timestamp}.{body}").as_bytes()));
        let headers = [
            ("webhook-id", "id".to_owned()),
            ("webhook-timestamp", timestamp.to_string()),
            ("webhook-signature", format!("v1,{signature}")),
        ];
        let headers = headers.map(|(name, value)| (name.to_owned(), value)).to_vec();
        RawRequest { line: String::new(), headers, body: body.into() }
    };
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
    assert!(is_genuine(&signed(now, "{}"), DELIVER_SECRET));
    assert!(!is_genuine(&signed(now - 301, "{}"), DELIVER_SECRET));
    assert!(!is_genuine(&RawRequest { body: "{ }".into(), ..signed(now, "{}") }, DELIVER_SECRET));
    // Published with Standard Webhooks, for this very key.
    let published = hmac(
        &STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap(),
        br#"msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}"#,
    );
    assert_eq!(STANDARD.encode(published), "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}
