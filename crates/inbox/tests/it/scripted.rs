//! A handler that answers as a test says, and remembers the events that it got.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use weifen_inbox::transport::async_trait;
use weifen_inbox::{FollowEvent, Handler, HandlerError, IdempotencyKey};

pub(crate) type Handled = Result<(), HandlerError>;
type Answer = Pin<Box<dyn Future<Output = Handled> + Send>>;

pub(crate) struct Scripted {
    answer: Box<dyn Fn(FollowEvent) -> Answer + Send + Sync>,
    handed: Mutex<Vec<(FollowEvent, IdempotencyKey)>>,
}

impl Scripted {
    /// Answers with the result of `answer`.
    pub(crate) fn new<A>(answer: impl Fn(FollowEvent) -> A + Send + Sync + 'static) -> Arc<Self>
    where
        A: Future<Output = Handled> + Send + 'static,
    {
        Arc::new(Self { answer: Box::new(move |event| Box::pin(answer(event))), handed: Mutex::default() })
    }

    pub(crate) fn taking_all() -> Arc<Self> {
        Self::new(async |_| Ok(()))
    }

    /// Hangs on every event.
    pub(crate) fn hanging() -> Arc<Self> {
        Self::new(async |_| std::future::pending().await)
    }

    pub(crate) fn handed(&self) -> Vec<(FollowEvent, IdempotencyKey)> {
        self.handed.lock().unwrap().clone()
    }

    /// User and attempt of each event that it got.
    pub(crate) fn attempts(&self) -> Vec<(String, u32)> {
        self.handed().into_iter().map(|(event, _)| (event.push.auth_open_id.to_string(), event.attempt)).collect()
    }
}

#[async_trait]
impl Handler for Scripted {
    async fn handle(&self, event: &FollowEvent, key: &IdempotencyKey) -> Handled {
        self.handed.lock().unwrap().push((event.clone(), key.clone()));
        (self.answer)(event.clone()).await
    }
}

impl fmt::Debug for Scripted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scripted")
    }
}
