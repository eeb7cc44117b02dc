//! All that a sandbox knows, behind one lock.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use crate::{
    clock::{self, Clock},
    faults::Faults,
    fensi::Fensi,
    log::Log,
    settings::Settings,
    weiting::Weiting,
};

pub(crate) struct World {
    pub(crate) settings: Settings,
    pub(crate) clock: Clock,
    pub(crate) log: Log,
    pub(crate) faults: Faults,
    pub(crate) weiting: Weiting,
    pub(crate) fensi: Fensi,
}

impl World {
    fn new(settings: Settings) -> Self {
        Self {
            clock: Clock::new(settings.fixed_start),
            log: Log::default(),
            faults: settings.chaos.map(Faults::chaos).unwrap_or_default(),
            weiting: Weiting::default(),
            fensi: Fensi::new(settings.push_url.clone()),
            settings,
        }
    }

    /// Everything as it was at the start: clock, push URL, counters and log too.
    pub(crate) fn reset(&mut self) {
        *self = Self::new(self.settings.clone());
    }

    pub(crate) fn state(&self) -> Value {
        let now = self.clock.now();
        json!({
            "now": clock::rfc3339(now),
            "clock": if self.clock.is_running() { "running" } else { "standing" },
            "faults": self.faults.state(),
            "public_url": self.settings.public_url,
            "weiting": self.weiting.state(&self.settings, now),
            "fensi": self.fensi.state(),
        })
    }
}

pub(crate) struct SharedWorld(Mutex<World>);

impl SharedWorld {
    pub(crate) fn new(settings: Settings) -> Self {
        Self(Mutex::new(World::new(settings)))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
