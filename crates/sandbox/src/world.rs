//! All that a sandbox knows, behind one lock.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use crate::{
    clock::{self, Clock},
    error::ControlError,
    faults::state::Faults,
    fensi::{delivery, state::Fensi},
    log::Log,
    start_options::StartOptions,
    weiting::state::Weiting,
};

pub(crate) struct World {
    pub(crate) options: StartOptions,
    pub(crate) clock: Clock,
    pub(crate) log: Log,
    pub(crate) faults: Faults,
    pub(crate) weiting: Weiting,
    pub(crate) fensi: Fensi,
}

impl World {
    fn new(options: StartOptions) -> Self {
        Self {
            clock: Clock::new(options.fixed_start),
            log: Log::default(),
            faults: options.chaos.map(Faults::chaos).unwrap_or_default(),
            weiting: Weiting::default(),
            fensi: Fensi::new(options.push_url.clone()),
            options,
        }
    }

    /// Everything as it was at the start: clock, push URL, counters and log too.
    pub(crate) fn reset(&mut self) {
        *self = Self::new(self.options.clone());
    }

    /// Sets where pushes go; `None` turns them off.
    pub(crate) fn set_push_url(&mut self, url: Option<&str>) -> Result<(), ControlError> {
        self.fensi.push_url = url.map(|url| delivery::push_url(url, self.options.push_anywhere)).transpose()?;
        Ok(())
    }

    pub(crate) fn state(&self) -> Value {
        let now = self.clock.now();
        json!({
            "now": clock::rfc3339(now),
            "clock": if self.clock.is_running() { "running" } else { "standing" },
            "faults": self.faults.state(),
            "public_url": self.options.public_url,
            "weiting": self.weiting.state(&self.options, now),
            "fensi": self.fensi.state(),
        })
    }
}

pub(crate) struct SharedWorld(Mutex<World>);

impl SharedWorld {
    pub(crate) fn new(options: StartOptions) -> Self {
        Self(Mutex::new(World::new(options)))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
