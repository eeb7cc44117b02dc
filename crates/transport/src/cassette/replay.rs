//! Returns recorded replies, without a network, and only for the recorded requests.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;

use super::allowed::Allowed;
use super::difference::difference;
use super::exchange::{Fidelity, Request, path_of};
use super::file::{Against, Cassette};
use super::inputs::Inputs;
use super::placeholders::Placeholders;
use crate::{BaseUrl, Transport, TransportError};

/// A transport without a network: the nth request must equal the nth recorded one, and gets its reply.
///
/// Any other request fails with an error that shows the difference, and nothing is sent. With a live cassette,
/// requests are compared after their values were replaced as in the recording, so the difference shows no value.
pub struct Replay {
    cassette: Cassette,
    base_path: String,
    state: Mutex<State>,
}

struct State {
    /// Present with a live cassette.
    placeholders: Option<Placeholders>,
    next: usize,
    failure: Option<ReplayError>,
}

/// Error of a replay. Nothing was sent. If the change is intended, record the cassette again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// A request differs from the recorded one.
    #[error(
        "request {number} differs from the recorded request (-: recorded, +: sent):\n{difference}\n\
         If this is intended, record the cassette again"
    )]
    Changed {
        /// Number of the request, from 1.
        number: usize,
        /// The difference, line by line.
        difference: String,
    },
    /// A request came after the last recorded one.
    #[error(
        "request {number} comes after the last request of the cassette:\n{request}\n\
         If this is intended, record the cassette again"
    )]
    OneMore {
        /// Number of the request, from 1.
        number: usize,
        /// The request, line by line.
        request: String,
    },
    /// Recorded requests were not sent.
    #[error(
        "{count} of {recorded} recorded requests were not sent. The first of them:\n{request}\n\
         If this is intended, record the cassette again"
    )]
    Leftover {
        /// Number of requests that were not sent.
        count: usize,
        /// Number of recorded requests.
        recorded: usize,
        /// The first request that was not sent.
        request: String,
    },
}

impl Replay {
    /// Replays `cassette`. `allowed` is the list of its recording; a sandbox cassette ignores it.
    pub fn new(cassette: Cassette, allowed: Allowed) -> Self {
        let placeholders = (cassette.against == Against::Live).then(|| {
            let mut placeholders = Placeholders::new(allowed);
            placeholders.take_inputs(&cassette.inputs);
            placeholders
        });
        let state = State { placeholders, next: 0, failure: None };
        Self { cassette, base_path: String::new(), state: Mutex::new(state) }
    }

    /// Leaves out the path of `base` when requests are compared.
    #[must_use]
    pub fn below(mut self, base: &BaseUrl) -> Self {
        self.base_path = path_of(base);
        self
    }

    /// Sets the live `inputs` that the calls get in place of the cassette's placeholders.
    ///
    /// A value that equals a placeholder of an earlier reply, such as a number of one digit, is taken for it.
    #[must_use]
    pub fn fed_with(self, inputs: &Inputs) -> Self {
        if let Some(placeholders) = &mut self.state().placeholders {
            placeholders.expect_values();
            for (name, placeholder) in self.cassette.inputs.iter() {
                if let Some((_, value)) = inputs.iter().find(|(known, _)| known == name) {
                    placeholders.take_for(value, placeholder);
                }
            }
        }
        self
    }

    /// Checks that exactly the recorded requests were made.
    ///
    /// # Errors
    /// The first [`ReplayError`] of any request, also where the client ignored it, else [`ReplayError::Leftover`].
    pub fn finish(&self) -> Result<(), ReplayError> {
        let state = self.state();
        if let Some(failure) = &state.failure {
            return Err(failure.clone());
        }
        match self.cassette.exchanges.get(state.next) {
            None => Ok(()),
            Some(left) => Err(ReplayError::Leftover {
                count: self.cassette.exchanges.len() - state.next,
                recorded: self.cassette.exchanges.len(),
                request: difference(&left.request.lines(), ""),
            }),
        }
    }

    fn answer(&self, state: &mut State, request: &http::Request<Bytes>) -> Result<http::Response<Bytes>, ReplayError> {
        let number = state.next + 1;
        let fidelity = if state.placeholders.is_some() { Fidelity::Decoded } else { Fidelity::Exact };
        let request = Request::of(request, &self.base_path, fidelity);
        // Kept only if the request matches: another one would shift all numbers.
        let mut placeholders = state.placeholders.clone();
        let request = match &mut placeholders {
            Some(placeholders) => placeholders.request(&request),
            None => request,
        };
        let Some(exchange) = self.cassette.exchanges.get(state.next) else {
            return Err(ReplayError::OneMore { number, request: difference("", &request.lines()) });
        };
        if request != exchange.request {
            let difference = difference(&exchange.request.lines(), &request.lines());
            return Err(ReplayError::Changed { number, difference });
        }
        if let Some(placeholders) = &mut placeholders {
            placeholders.take_reply(&exchange.reply);
        }
        state.placeholders = placeholders;
        state.next += 1;
        Ok(exchange.reply.replayed())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Transport for Replay {
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
        let mut state = self.state();
        self.answer(&mut state, &request).map_err(|error| {
            state.failure.get_or_insert_with(|| error.clone());
            TransportError::not_sent(error)
        })
    }
}

impl fmt::Debug for Replay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replay")
            .field("cassette", &self.cassette)
            .field("next", &self.state().next)
            .finish_non_exhaustive()
    }
}
