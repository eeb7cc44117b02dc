//! Panics: a panic is a bug of weifen. It becomes an error like any other, with its place and no value.

use std::panic;
use std::sync::Mutex;

use crate::failure::Failure;

static PLACE: Mutex<Option<String>> = Mutex::new(None);

/// Runs `work`; a panic in it becomes an internal failure, without the panic's message, which may hold a value.
pub(crate) fn contain<T>(work: impl FnOnce() -> T) -> Result<T, Failure> {
    panic::set_hook(Box::new(|panic| {
        if let (Some(place), Ok(mut kept)) = (panic.location(), PLACE.lock()) {
            *kept = Some(format!("{}:{}", place.file(), place.line()));
        }
    }));
    panic::catch_unwind(panic::AssertUnwindSafe(work)).map_err(|_| {
        let place = PLACE.lock().ok().and_then(|mut place| place.take());
        Failure::internal(format!("weifen panicked at {}", place.as_deref().unwrap_or("an unknown place")))
    })
}
