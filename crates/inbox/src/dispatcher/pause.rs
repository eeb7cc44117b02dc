//! The pause of deliveries, as far as this process knows.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use crate::store::{Mode, Switch};

/// The pause switch as last seen. Both numbers only grow, so the order of two looks at the database does not matter.
#[derive(Debug)]
pub(super) struct Pause {
    resumptions: AtomicI64,
    paused_in: AtomicI64,
    is_overruled: AtomicBool,
}

impl Pause {
    pub(super) fn none() -> Self {
        Self { resumptions: AtomicI64::new(0), paused_in: AtomicI64::new(-1), is_overruled: AtomicBool::new(false) }
    }

    pub(super) fn is_on(&self) -> bool {
        self.is_overruled() || self.paused_in.load(Ordering::Relaxed) >= self.resumptions()
    }

    /// Returns true where another server of the database hands out its events in another way.
    pub(super) fn is_overruled(&self) -> bool {
        self.is_overruled.load(Ordering::Relaxed)
    }

    /// Number of times that deliveries were resumed.
    pub(super) fn resumptions(&self) -> i64 {
        self.resumptions.load(Ordering::Relaxed)
    }

    pub(super) fn begin(&self, resumptions: i64) {
        self.paused_in.fetch_max(resumptions, Ordering::Relaxed);
    }

    pub(super) fn see(&self, switch: Switch) {
        self.is_overruled.store(switch.mode == Some(Mode::Pull), Ordering::Relaxed);
        self.resumptions.fetch_max(switch.resumptions, Ordering::Relaxed);
        if let Some(paused_in) = switch.paused_in {
            self.begin(paused_in);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_lasts_until_the_next_resumption_and_one_from_before_it_does_not_count() {
        let pause = Pause::none();
        assert!(!pause.is_on());
        pause.begin(0);
        assert!(pause.is_on());
        pause.see(Switch { resumptions: 0, paused_in: None, mode: None });
        assert!(pause.is_on(), "the database does not know of it yet");
        pause.see(Switch { resumptions: 1, paused_in: Some(0), mode: None });
        assert!(!pause.is_on());
        pause.begin(0);
        assert!(!pause.is_on(), "asked for before the resumption");
        pause.see(Switch { resumptions: 1, paused_in: Some(1), mode: None });
        assert!(pause.is_on(), "another server was asked");
    }

    #[test]
    fn where_another_server_hands_out_by_claims_it_lasts_until_that_is_over() {
        let pause = Pause::none();
        pause.see(Switch { resumptions: 1, paused_in: None, mode: Some(Mode::Pull) });
        assert!(pause.is_on() && pause.is_overruled());
        pause.see(Switch { resumptions: 2, paused_in: None, mode: Some(Mode::Handler) });
        assert!(!pause.is_on());
    }
}
