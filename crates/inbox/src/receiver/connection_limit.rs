//! The cap on a server's connections: which peer may have one, and which is closed when no place is left.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use super::ServerLimits;
use super::networks::Networks;
use crate::seldom::Seldom;

/// The share of places that one address may have: a quarter.
const SHARE: usize = 4;
/// Time between two lines of the log with the same reason and peer.
const LINES_PAUSE: Duration = Duration::from_secs(60);

/// The places of a server.
#[derive(Debug)]
pub(super) struct ConnectionLimit {
    number: usize,
    free: Arc<Semaphore>,
    /// Peers that may have a place; all if empty.
    allowed: Networks,
    uncapped: Networks,
    taken: Mutex<Taken>,
    closed: [AtomicU64; 3],
    lines: Seldom<(Why, Option<IpAddr>)>,
}

#[derive(Debug, Default)]
struct Taken {
    /// Connections that wait for their clients, longest first: the peer, and the signal that closes it.
    waiting: BTreeMap<u64, (IpAddr, Arc<Notify>)>,
    /// Number of times that a connection began to wait.
    waits: u64,
    /// True while a new connection waits for a place.
    is_short: bool,
    of_address: HashMap<IpAddr, usize>,
}

impl Taken {
    /// Closes the connection of these peers that has waited longest; false where none waits.
    fn cut_longest_waiting(&mut self, of: impl Fn(IpAddr) -> bool) -> bool {
        let found = self.waiting.iter().find(|(_, (peer, _))| of(*peer)).map(|(turn, _)| *turn);
        let Some((_, cut)) = found.and_then(|turn| self.waiting.remove(&turn)) else { return false };
        cut.notify_one();
        true
    }
}

/// Reason for which the server closes a connection that did nothing wrong in HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Why {
    NotAllowed,
    AddressFull,
    PlacesFull,
}

impl Why {
    const ALL: [(Self, &'static str); 3] =
        [(Self::NotAllowed, "not_allowed"), (Self::AddressFull, "address_full"), (Self::PlacesFull, "places_full")];
}

impl ConnectionLimit {
    pub(super) fn new(limits: &ServerLimits, allowed: Networks) -> Arc<Self> {
        let number = limits.connections.clamp(1, Semaphore::MAX_PERMITS);
        Arc::new(Self {
            number,
            free: Arc::new(Semaphore::new(number)),
            allowed,
            uncapped: limits.uncapped.iter().copied().collect(),
            taken: Mutex::default(),
            closed: Default::default(),
            lines: Seldom::new(LINES_PAUSE),
        })
    }

    /// Returns true if this peer may have another connection. A peer that has its share loses the connection that has
    /// waited longest for its client.
    pub(super) fn admit(&self, address: IpAddr) -> bool {
        if !self.allowed.is_empty() && !self.allowed.contain(address) {
            self.count(Why::NotAllowed);
            self.warn(Why::NotAllowed, Some(address));
            return false;
        }
        let share = self.number.div_ceil(SHARE);
        let has = self.taken().of_address.get(&address).copied().unwrap_or_default();
        if has < share || self.uncapped.contain(address) {
            return true;
        }
        self.count(Why::AddressFull);
        self.warn(Why::AddressFull, Some(address));
        self.taken().cut_longest_waiting(|peer| peer == address)
    }

    /// Returns a free place. Where all are taken, the connection that has waited longest for its client loses its own;
    /// where none waits, this waits until one ends.
    pub(super) async fn free(&self) -> OwnedSemaphorePermit {
        if let Ok(free) = self.free.clone().try_acquire_owned() {
            return free;
        }
        self.warn(Why::PlacesFull, None);
        self.make_room();
        match self.free.clone().acquire_owned().await {
            Ok(free) => free,
            // Unreachable: the semaphore is never closed.
            Err(_) => std::future::pending().await,
        }
    }

    /// Gives the place to a connection of this peer, which now waits for its client.
    pub(super) fn give(self: &Arc<Self>, free: OwnedSemaphorePermit, address: IpAddr) -> Arc<ConnectionPermit> {
        let mut taken = self.taken();
        taken.is_short = false;
        *taken.of_address.entry(address).or_default() += 1;
        drop(taken);
        let (turn, cut) = (AtomicU64::default(), Arc::default());
        let permit = ConnectionPermit { connections: self.clone(), address, turn, cut, _taken: free };
        permit.waits();
        Arc::new(permit)
    }

    /// Closes the connection that has waited longest; where none waits, the next one that does.
    fn make_room(&self) {
        let mut taken = self.taken();
        let is_cut = taken.cut_longest_waiting(|_| true);
        taken.is_short = !is_cut;
        drop(taken);
        if is_cut {
            self.count(Why::PlacesFull);
        }
    }

    fn count(&self, why: Why) {
        self.closed[why as usize].fetch_add(1, Ordering::Relaxed);
    }

    fn warn(&self, why: Why, peer: Option<IpAddr>) {
        if !self.lines.is_due((why, peer)) {
            return;
        }
        match (why, peer) {
            (Why::NotAllowed, Some(peer)) => tracing::warn!(
                %peer,
                "closed a connection: the peer is not in serve.allow_ips. Add the peer there if it is an address of \
                 the platform; add it to serve.trusted_proxies if it is your proxy"
            ),
            (Why::AddressFull, Some(peer)) => tracing::warn!(
                %peer,
                places = self.number,
                "one address has a quarter of all connections: each new connection closes the one that has waited \
                 longest. Add the address to serve.trusted_proxies if it is your proxy"
            ),
            _ => tracing::warn!(
                places = self.number,
                "the connection limit is reached: each new connection closes the one that has waited longest for its \
                 client"
            ),
        }
    }

    /// Metrics of the connections, in the text format of Prometheus.
    pub(super) fn figures(&self) -> String {
        let mut text = String::new();
        let open = self.number - self.free.available_permits().min(self.number);
        for (name, help, value) in [
            ("connections", "Open connections", open),
            ("connections_max", "Maximum number of open connections", self.number),
        ] {
            // Writing to a String can't fail.
            let _ = write!(
                text,
                "# HELP weifen_http_{name} {help}\n# TYPE weifen_http_{name} gauge\nweifen_http_{name} {value}\n"
            );
        }
        let name = "weifen_http_connections_closed_total";
        let help = "Connections that were closed before the client was answered, by reason";
        let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} counter\n");
        for (why, reason) in Why::ALL {
            let count = self.closed[why as usize].load(Ordering::Relaxed);
            let _ = writeln!(text, "{name}{{reason=\"{reason}\"}} {count}");
        }
        text
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of a connection. Dropping it frees the place.
#[derive(Debug)]
pub(super) struct ConnectionPermit {
    connections: Arc<ConnectionLimit>,
    address: IpAddr,
    /// Its number among those that wait, from 1; 0 where it does not wait.
    turn: AtomicU64,
    cut: Arc<Notify>,
    _taken: OwnedSemaphorePermit,
}

impl ConnectionPermit {
    /// Marks the connection as waiting for its client: another may take its place.
    pub(super) fn waits(&self) {
        let mut taken = self.connections.taken();
        if self.turn.load(Ordering::Relaxed) == 0 {
            taken.waits += 1;
            let turn = taken.waits;
            self.turn.store(turn, Ordering::Relaxed);
            taken.waiting.insert(turn, (self.address, self.cut.clone()));
        }
        let is_short = taken.is_short;
        drop(taken);
        if is_short {
            self.connections.make_room();
        }
    }

    /// Marks the connection as handling a request: nobody takes its place.
    pub(super) fn is_needed(&self) {
        let mut taken = self.connections.taken();
        taken.waiting.remove(&self.turn.swap(0, Ordering::Relaxed));
    }

    /// Waits until another connection needs the place.
    pub(super) async fn cut(&self) {
        self.cut.notified().await;
    }
}

impl Drop for ConnectionPermit {
    fn drop(&mut self) {
        let mut taken = self.connections.taken();
        taken.waiting.remove(&self.turn.load(Ordering::Relaxed));
        if let Some(count) = taken.of_address.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                taken.of_address.remove(&self.address);
            }
        }
    }
}
