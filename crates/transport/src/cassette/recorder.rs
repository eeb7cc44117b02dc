//! Records the calls between a client and its transport.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;

use super::allowed::Allowed;
use super::exchange::{Exchange, Fidelity, Reply, Request, path_of};
use super::file::{Against, Cassette};
use super::inputs::Inputs;
use super::placeholders::Placeholders;
use crate::{BaseUrl, Transport, TransportError};

/// A transport that sends through another one and records each request and reply.
///
/// Against a live vendor, values are replaced before they are recorded. They are held in memory only to recognize the
/// same value again.
pub struct Recorder {
    transport: Arc<dyn Transport>,
    made_by: String,
    base_path: String,
    state: Mutex<State>,
}

struct State {
    /// Present against a live vendor.
    placeholders: Option<Placeholders>,
    inputs: Inputs,
    exchanges: Vec<(Request, Option<Reply>)>,
    failure: Option<TransportError>,
}

/// Error of [`Recorder::finish`]: the recording is not a whole cassette. Record it anew.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// A call got no reply, which a cassette can't hold.
    #[error("a call got no reply; a cassette cannot contain such a call")]
    NoReply(#[source] TransportError),
    /// The call of this number, from 1, is still running, or was dropped before its reply came.
    #[error("call {0} has no reply yet: wait for the replies of all calls")]
    Unfinished(usize),
}

impl Recorder {
    /// Records everything in calls to a sandbox with public test credentials. `made_by` is the command that records
    /// this cassette again, `inputs` are the calls' inputs.
    pub fn sandbox(transport: Arc<dyn Transport>, made_by: impl Into<String>, inputs: Inputs) -> Self {
        Self::new(transport, made_by.into(), inputs, None)
    }

    /// Records calls to a live vendor. Values that are not `allowed` are replaced, those of `inputs` too.
    pub fn live(transport: Arc<dyn Transport>, made_by: impl Into<String>, inputs: &Inputs, allowed: Allowed) -> Self {
        let mut placeholders = Placeholders::new(allowed);
        let inputs = placeholders.inputs(inputs);
        Self::new(transport, made_by.into(), inputs, Some(placeholders))
    }

    fn new(transport: Arc<dyn Transport>, made_by: String, inputs: Inputs, placeholders: Option<Placeholders>) -> Self {
        let state = State { placeholders, inputs, exchanges: Vec::new(), failure: None };
        Self { transport, made_by, base_path: String::new(), state: Mutex::new(state) }
    }

    /// Leaves out the path of `base`, so that the calls can be replayed below any other base URL.
    #[must_use]
    pub fn below(mut self, base: &BaseUrl) -> Self {
        self.base_path = path_of(base);
        self
    }

    /// Returns the cassette of all calls so far.
    ///
    /// # Errors
    /// [`RecordError::NoReply`] where a call failed, [`RecordError::Unfinished`] where a reply is still missing.
    pub fn finish(&self) -> Result<Cassette, RecordError> {
        let state = self.state();
        if let Some(failure) = &state.failure {
            return Err(RecordError::NoReply(failure.clone()));
        }
        let exchange = |(at, (request, reply)): (usize, &(Request, Option<Reply>))| match reply {
            Some(reply) => Ok(Exchange { request: request.clone(), reply: reply.clone() }),
            None => Err(RecordError::Unfinished(at + 1)),
        };
        Ok(Cassette {
            made_by: self.made_by.clone(),
            against: if state.placeholders.is_some() { Against::Live } else { Against::Sandbox },
            inputs: state.inputs.clone(),
            exchanges: state.exchanges.iter().enumerate().map(exchange).collect::<Result<_, _>>()?,
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn fidelity(&self) -> Fidelity {
        if self.placeholders.is_some() { Fidelity::Decoded } else { Fidelity::Exact }
    }

    /// Records a request and returns its position.
    fn keep_request(&mut self, request: &http::Request<Bytes>, base_path: &str) -> usize {
        let request = Request::of(request, base_path, self.fidelity());
        let request = match &mut self.placeholders {
            Some(placeholders) => placeholders.request(&request),
            None => request,
        };
        self.exchanges.push((request, None));
        self.exchanges.len() - 1
    }

    fn keep_reply(&mut self, at: usize, reply: &http::Response<Bytes>) {
        let reply = Reply::of(reply, self.fidelity());
        let reply = match &mut self.placeholders {
            Some(placeholders) => placeholders.reply(&reply),
            None => reply,
        };
        if let Some((_, place)) = self.exchanges.get_mut(at) {
            *place = Some(reply);
        }
    }
}

#[async_trait]
impl Transport for Recorder {
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
        let at = self.state().keep_request(&request, &self.base_path);
        let outcome = self.transport.send(request).await;
        let mut state = self.state();
        match &outcome {
            Ok(reply) => state.keep_reply(at, reply),
            Err(error) => _ = state.failure.get_or_insert_with(|| error.clone()),
        }
        outcome
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder")
            .field("transport", &self.transport)
            .field("exchanges", &self.state().exchanges.len())
            .finish_non_exhaustive()
    }
}
