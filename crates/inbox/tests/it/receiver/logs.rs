//! What a receiver logs, and what it never does.

use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Dispatch, Event, Metadata, Subscriber};

use super::{SECRET, Site};
use crate::support::push;

/// Keeps everything that is logged on this thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut self.clone());
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut self.clone());
    }
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        event.record(&mut self.clone());
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

impl Visit for Log {
    fn record_error(&mut self, field: &Field, mut error: &(dyn std::error::Error + 'static)) {
        self.record_debug(field, &format_args!("{error} {error:?}"));
        while let Some(source) = error.source() {
            error = source;
            self.record_debug(field, &format_args!("{error} {error:?}"));
        }
    }
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        writeln!(self.0.lock().unwrap(), "{field}={value:?}").unwrap();
    }
}

#[tokio::test]
async fn no_log_holds_a_secret_an_address_or_who_followed() {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    // With one listener in the process, a place of logging that another thread comes to first is silent: it asks for that
    // thread's alone.
    let _second = Dispatch::new(log.clone());
    let site = Site::with(|it| it.trusted_proxies(vec!["127.0.0.1/32".parse().unwrap()]), super::patient()).await;
    // For the places that others came to just before that.
    tracing::callsite::rebuild_interest_cache();
    let canary =
        push("canary-user").replace("an account", "canary-account").replace("fs-developer", "canary-developer");
    let mut connection = site.connect().await;
    let target = format!("/push/{SECRET}?state=canary-query");
    assert_eq!(connection.post(&target, &push("canary-user")).await.status, 200);
    assert_eq!(connection.post(&target, &canary).await.status, 200);
    assert_eq!(connection.post(&target, "{\"key\":\"canary-key\"}").await.status, 200);
    assert_eq!(connection.post("/push/canary-wrong-secret", &canary).await.status, 404);
    let lock = site.lock().await;
    assert_eq!(connection.post(&target, &push("canary-locked")).await.status, 503);
    lock.release().await;
    let log = log.0.lock().unwrap();
    assert!(log.contains("a push was not stored, and not acknowledged"), "{log}");
    assert!(log.contains("in quarantine"), "{log}");
    assert!(!log.contains("canary") && !log.contains(SECRET) && !log.contains("/push/"), "{log}");
}
