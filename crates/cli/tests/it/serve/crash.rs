//! Crashes: the server is killed at random moments while pushes come in, and started again on the same inbox.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use super::business::{Attempt, Business};
use super::client::Client;
use super::pushes;
use super::serving::target;
use super::setup::Setup;

const PUSHERS: u64 = 4;
const BY_DEFAULT: u64 = 20;
/// Variable of the number of kills.
const KILLS: &str = "WEIFEN_TEST_KILLS";

/// Random numbers, the same from the same seed.
struct Chance(u64);

impl Chance {
    /// A number below `end`.
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// Load: pushes from several threads, to the server's current address.
#[derive(Default)]
struct Load {
    server: Mutex<Option<SocketAddr>>,
    is_over: AtomicBool,
    /// The users whose pushes were answered with 200.
    acknowledged: Mutex<BTreeSet<String>>,
    sent: AtomicU64,
    cut: AtomicU64,
}

impl Load {
    fn goes_to(&self, server: Option<SocketAddr>) {
        *self.server.lock().unwrap_or_else(PoisonError::into_inner) = server;
    }

    fn push_until_over(&self, pusher: u64, mut chance: Chance) {
        let (mut clients, mut users) = (None::<(SocketAddr, Client)>, 0);
        while !self.is_over.load(Ordering::Relaxed) {
            let Some(server) = *self.server.lock().unwrap() else {
                thread::sleep(Duration::from_millis(1));
                continue;
            };
            // A third are copies of what this thread has pushed before, acknowledged or not.
            let is_copy = users > 0 && chance.below(3) == 0;
            users += u64::from(!is_copy);
            let user = format!("u-{pusher}-{}", if is_copy { chance.below(users) } else { users - 1 });
            let mut client = match clients.take() {
                Some((address, client)) if address == server => client,
                _ => Client::new(server),
            };
            let (content_type, body) = pushes::copy(&user, chance.below(2));
            self.sent.fetch_add(1, Ordering::Relaxed);
            match client.post(&target(), content_type, &body) {
                Ok(answer) if answer.status == 200 => {
                    self.acknowledged.lock().unwrap().insert(user);
                }
                Ok(answer) => assert!(answer.status >= 500, "{answer:?}"),
                Err(_) => {
                    self.cut.fetch_add(1, Ordering::Relaxed);
                    thread::sleep(Duration::from_millis(1));
                }
            }
            clients = Some((server, client));
            thread::sleep(Duration::from_millis(chance.below(6)));
        }
    }
}

/// Ends the load even if a test fails.
struct UntilDropped<'a>(&'a Load);

impl Drop for UntilDropped<'_> {
    fn drop(&mut self) {
        self.0.is_over.store(true, Ordering::Relaxed);
    }
}

/// Kills the server of `setup` again and again under load, and checks what is left.
pub(super) fn nothing_acknowledged_is_lost(store: &str, setup: Setup) {
    let kills = std::env::var(KILLS).map_or(BY_DEFAULT, |kills| kills.parse().unwrap());
    let seed = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().subsec_nanos();
    let (business, load, begun) = (Business::start(), Load::default(), Instant::now());
    let setup = setup.paying_all().delivering_to(&business);
    // Each kill uses up an attempt of the events under way.
    let setup = setup.with("lease_s", "6").with("deliver_timeout_s", "5").with("max_attempts", "1000");
    let setup = setup.with("backoff_base_ms", "50");
    let mut chance = Chance(u64::from(seed) + 1);
    thread::scope(|scope| {
        let load = &load;
        for pusher in 0..PUSHERS {
            let chance = Chance(chance.below(u64::MAX) + 1);
            scope.spawn(move || load.push_until_over(pusher, chance));
        }
        let until_dropped = UntilDropped(load);
        for _ in 0..kills {
            kill_once(&setup, load, &mut chance);
        }
        let last = setup.serve();
        load.goes_to(Some(last.address));
        thread::sleep(Duration::from_millis(300));
        drop(until_dropped);
        last.has_delivered_all();
    });
    let count = look(&setup, &load, &business.attempts());
    println!("reliability[kills-{store}] {kills} kills: 0 acknowledged pushes lost, 0 follows under two ids");
    eprintln!(
        "{store}: {kills} kills in {:.1} s, seed {seed}: {} pushes sent, {} cut, {} users acknowledged, {count} events",
        begun.elapsed().as_secs_f64(),
        load.sent.into_inner(),
        load.cut.into_inner(),
        load.acknowledged.into_inner().unwrap().len(),
    );
}

fn kill_once(setup: &Setup, load: &Load, chance: &mut Chance) {
    let starting = setup.start();
    // Now and then while it has not yet begun.
    if chance.below(6) == 0 {
        thread::sleep(Duration::from_millis(chance.below(60)));
        return starting.kill();
    }
    let serving = starting.ready();
    load.goes_to(Some(serving.address));
    thread::sleep(Duration::from_millis(chance.below(250)));
    serving.kill();
    load.goes_to(None);
}

/// Compares acknowledged pushes, the inbox's events and the business's deliveries; returns the number of events.
fn look(setup: &Setup, load: &Load, attempts: &[Attempt]) -> usize {
    let events = setup.events();
    let id_of: BTreeMap<String, String> = events
        .iter()
        .map(|event| {
            let user = event["push"]["auth_open_id"].as_str().unwrap();
            assert_eq!(event["status"], "delivered", "{event}");
            assert_eq!(event["push"], pushes::data(user), "{event}");
            (user.to_owned(), event["webhook_id"].as_str().unwrap().to_owned())
        })
        .collect();
    assert_eq!(id_of.len(), events.len(), "a user has two events");
    let acknowledged = load.acknowledged.lock().unwrap();
    assert!(!acknowledged.is_empty());
    let lost: Vec<_> = acknowledged.iter().filter(|user| !id_of.contains_key(*user)).collect();
    assert!(lost.is_empty(), "acknowledged and not stored: {lost:?}");

    let mut bodies = BTreeMap::new();
    let mut taken = BTreeSet::new();
    for attempt in attempts {
        let user = attempt.user();
        assert_eq!(attempt.data(), pushes::data(&user));
        assert_eq!(id_of.get(&user), Some(&attempt.id), "{user} came under another id");
        assert_eq!(bodies.entry(&attempt.id).or_insert(&attempt.body), &&attempt.body, "one id, two bodies");
        taken.insert(user);
    }
    let undelivered: Vec<_> = id_of.keys().filter(|user| !taken.contains(*user)).collect();
    assert!(undelivered.is_empty(), "not delivered: {undelivered:?}");
    events.len()
}

#[test]
fn what_was_acknowledged_outlives_kills_and_is_delivered_under_one_id() {
    nothing_acknowledged_is_lost("SQLite", Setup::new());
}
