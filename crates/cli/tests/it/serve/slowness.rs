//! Clients and a business that are slow: pushes are acknowledged all the same. How soon is printed; a limit here tells
//! waiting a little longer from being shut out.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::net::{AddressFamily, SocketFlags, SocketType};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::business::{Answer, Business};
use super::client::Client;
use super::pushes;
use super::serving::{Serving, target};
use super::setup::Setup;

/// So long the server lets a header take: who waits for as long was shut out.
const SHUT_OUT: Duration = Duration::from_secs(5);
const SLOW_SOCKETS: usize = 500;
/// Bounds of a push's wait: a multiple of the wait without others, and the time that a busy machine explains.
const LONGER: u32 = 10;
const BUSY: Duration = Duration::from_millis(500);

/// Pushes `count` users' pushes from each of `pushers` threads, one every `pace`; how long each acknowledgement took,
/// the shortest first.
fn push(serving: &Serving, pushers: u64, count: u32, pace: Duration) -> Vec<Duration> {
    let address = serving.address;
    let mut waits: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> =
            (0..pushers).map(|pusher| scope.spawn(move || push_at_a_pace(address, pusher, count, pace))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    waits.sort_unstable();
    waits
}

fn push_at_a_pace(address: SocketAddr, pusher: u64, count: u32, pace: Duration) -> Vec<Duration> {
    let begun = Instant::now();
    let push = |n: u32| {
        thread::sleep((pace * n).saturating_sub(begun.elapsed()));
        let begun = Instant::now();
        let answer = Client::new(address)
            .post(&target(), super::client::JSON, &pushes::json(&format!("u-{pusher}-{n}")))
            .unwrap();
        assert_eq!(answer.status, 200);
        begun.elapsed()
    };
    (0..count).map(push).collect()
}

fn p99(waits: &[Duration]) -> Duration {
    waits[waits.len() * 99 / 100]
}

/// Keeps so many connections open that send a header a byte at a time, until it is dropped.
struct SlowSockets<'a>(&'a AtomicBool);

impl Drop for SlowSockets<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn trickle(address: SocketAddr, is_over: &AtomicBool) {
    let open = || TcpStream::connect(address).unwrap();
    let mut sockets: Vec<_> = (0..SLOW_SOCKETS).map(|_| open()).collect();
    let header = b"POST /push/some-secret HTTP/1.1\r\nx-slow: ".iter().chain(std::iter::repeat(&b'y'));
    for byte in header {
        for socket in &mut sockets {
            // The server closes one that was too slow.
            if socket.write_all(&[*byte]).is_err() {
                *socket = open();
            }
        }
        if is_over.load(Ordering::Relaxed) {
            return;
        }
        thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn five_hundred_slow_headers_shut_nobody_out() {
    let alone = push(&Setup::new().paying_all().serve(), 4, 100, Duration::from_millis(20));
    let setup = Setup::new().paying_all();
    let serving = setup.serve();
    let is_over = AtomicBool::new(false);
    let waits = thread::scope(|scope| {
        let _slow = SlowSockets(&is_over);
        scope.spawn(|| trickle(serving.address, &is_over));
        push(&serving, 4, 350, Duration::from_millis(20))
    });
    let (alone, beside, longest) = (p99(&alone), p99(&waits), waits[waits.len() - 1]);
    eprintln!("p99 alone {alone:?}, beside {SLOW_SOCKETS} slow headers {beside:?}, the longest {longest:?}");
    assert!(beside < SHUT_OUT.min(BUSY.max(alone * LONGER)), "{beside:?}, alone {alone:?}");
    assert_eq!(serving.metric("weifen_inbox_stored_total"), 1400);
    println!(
        "reliability[slow] 1,400 of 1,400 pushes stored beside {SLOW_SOCKETS} connections that never end their headers"
    );
}

/// Addresses of this machine that connections come from beside pushes.
const STRANGERS: u8 = 4;
/// Time after which a kept connection asks again.
const AGAIN: Duration = Duration::from_millis(4500);

/// Connections from one address: some say nothing, some begin a header, some ask for a wrong path, again and again.
/// Each that is closed is made anew.
struct Strangers {
    from: Ipv4Addr,
    to: SocketAddr,
    sockets: Vec<Option<TcpStream>>,
}

impl Strangers {
    fn open(&self) -> Option<TcpStream> {
        let connect = || -> io::Result<TcpStream> {
            // None is left open in a program that another test starts meanwhile.
            let socket = rustix::net::socket_with(AddressFamily::INET, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
            rustix::net::bind(&socket, &SocketAddr::from((self.from, 0)))?;
            rustix::net::connect(&socket, &self.to)?;
            let stream = TcpStream::from(socket);
            stream.set_nonblocking(true)?;
            Ok(stream)
        };
        connect().ok()
    }

    /// Lets each say its part; those that are closed are made anew.
    fn round(&mut self) {
        for place in 0..self.sockets.len() {
            let says: &[u8] =
                [&b""[..], b"POST /push/some-secret HTTP/1.1\r\nx:", b"GET /x HTTP/1.1\r\nhost: h\r\n\r\n"][place % 3];
            let is_open = |socket: &mut TcpStream| {
                let heard = socket.read(&mut [0; 512]);
                heard.map_or_else(|error| error.kind() == io::ErrorKind::WouldBlock, |bytes| bytes > 0)
            };
            if !self.sockets[place].as_mut().is_some_and(is_open) {
                self.sockets[place] = self.open();
                // So that they come one after the other.
                thread::sleep(Duration::from_micros(200));
            } else if place % 3 == 1 {
                continue;
            }
            if let Some(socket) = &mut self.sockets[place] {
                // The next round sees what has become of it.
                let _ = socket.write(says);
            }
        }
    }
}

/// Pushes beside `count` connections from other addresses, and returns how long each acknowledgement took.
fn push_beside(serving: &Serving, count: usize) -> Vec<Duration> {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).unwrap();
    let (address, is_over) = (serving.address, AtomicBool::new(false));
    let all_are_there = Barrier::new(usize::from(STRANGERS) + 1);
    thread::scope(|scope| {
        let _slow = SlowSockets(&is_over);
        for stranger in 0..STRANGERS {
            let (all_are_there, is_over) = (&all_are_there, &is_over);
            scope.spawn(move || {
                let from = Ipv4Addr::new(127, 0, 0, 2 + stranger);
                let sockets = (0..count / usize::from(STRANGERS)).map(|_| None).collect();
                let mut strangers = Strangers { from, to: address, sockets };
                strangers.round();
                all_are_there.wait();
                let mut begun = Instant::now();
                while !is_over.load(Ordering::Relaxed) {
                    if begun.elapsed() > AGAIN {
                        begun = Instant::now();
                        strangers.round();
                    }
                    thread::sleep(Duration::from_millis(20));
                }
            });
        }
        all_are_there.wait();
        push(serving, 4, 100, Duration::from_millis(60))
    })
}

#[test]
fn ten_thousand_connections_from_elsewhere_shut_nobody_out() {
    for (allowed, count) in [("127.0.0.1", 4500), ("127.0.0.1", 10_000), ("", 10_000)] {
        let setup = Setup::new().paying_all().with("allow_ips", allowed);
        let serving = setup.serve();
        let waits = push_beside(&serving, count);
        let (p99, longest) = (p99(&waits), waits[waits.len() - 1]);
        eprintln!("p99 beside {count} connections, allow_ips {allowed:?}: {p99:?}, the longest {longest:?}");
        assert!(p99 < SHUT_OUT, "{p99:?}");
        assert_eq!(serving.metric("weifen_inbox_stored_total"), 400);
        let closed =
            |reason: &str| serving.metric(&format!("weifen_http_connections_closed_total{{reason=\"{reason}\"}}"));
        // The number of concurrent others depends on the machine.
        eprintln!("closed as all places were taken: {}", closed("places_full"));
        assert!(closed("not_allowed") > 1000 || allowed.is_empty());
        assert!(serving.metric("weifen_http_connections") <= 4096);
    }
    println!(
        "reliability[connections] 1,200 of 1,200 pushes stored beside 4,500 and 10,000 connections from elsewhere, with and \
         without allow_ips"
    );
}

#[test]
fn a_business_that_hangs_keeps_no_push_from_being_acknowledged() {
    let business = Business::start();
    let setup = Setup::new().paying_all().delivering_to(&business).with("lease_s", "90");
    let setup = setup.with("deliver_timeout_s", "60");
    business.answers(Answer::Hang);
    let serving = setup.serve();
    let waits = push(&serving, 4, 250, Duration::from_millis(20));
    eprintln!("p99 at 200 pushes/s while deliveries hang: {:?}, the longest {:?}", p99(&waits), waits[waits.len() - 1]);
    assert_eq!(serving.metric("weifen_inbox_stored_total"), 1000);
    assert!(business.taken().is_empty());
    business.answers(Answer::TAKEN);
    serving.has_delivered_all();
    assert_eq!(serving.metric("weifen_inbox_delivered_total"), 1000);
}
