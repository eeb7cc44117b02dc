//! Who may use the API: a key proves a caller, and what it may do and how often stands in the configuration.

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use weifen::config::{ApiConfig, Scope};

use super::problem::{Kind, Problem};
use super::rate::Rate;
use crate::StartError;

/// The caller of a request, once it is known. Its clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct Asker(Arc<OnceLock<String>>);

impl Asker {
    /// The configured name.
    pub(super) fn name(&self) -> Option<&str> {
        self.0.get().map(String::as_str)
    }

    /// Notes the caller of a request.
    pub(super) fn note(request: &Parts, caller: &Caller) {
        if let Some(Self(name)) = request.extensions.get() {
            name.get_or_init(|| caller.name.clone());
        }
    }
}

/// All callers. Shows nothing of their keys.
pub(super) struct Callers(Vec<Caller>);

/// One of them.
pub(super) struct Caller {
    pub(super) name: String,
    digests: Vec<[u8; 32]>,
    scopes: Vec<Scope>,
    rate: Option<Mutex<Rate>>,
}

impl Callers {
    /// Reads their keys.
    pub(super) fn read(config: &ApiConfig) -> Result<Self, StartError> {
        let mut callers: Vec<Caller> = Vec::new();
        for configured in config.callers()? {
            let keys = configured.keys()?;
            let digests: Vec<[u8; 32]> = keys.iter().map(|key| Sha256::digest(key.expose_secret()).into()).collect();
            if let Some(other) = callers.iter().find(|known| known.digests.iter().any(|key| digests.contains(key))) {
                return Err(StartError::SharedKey { one: other.name.clone(), other: configured.name.clone() });
            }
            callers.push(Caller {
                name: configured.name.clone(),
                digests,
                scopes: configured.scopes.clone(),
                rate: configured.rate.map(|rate| Mutex::new(Rate::new(rate, Instant::now()))),
            });
        }
        Ok(Self(callers))
    }

    /// The caller whose key a request carries. How long it takes tells nothing about the keys.
    pub(super) fn known(&self, headers: &HeaderMap) -> Result<&Caller, Problem> {
        let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let Some(header) = header else {
            return Err(unauthorized("no key was sent"));
        };
        let key = header.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let Some((_, key)) = key else {
            return Err(unauthorized("the Authorization header has another form"));
        };
        let given: [u8; 32] = Sha256::digest(key.trim()).into();
        let mut known = None;
        for caller in &self.0 {
            for digest in &caller.digests {
                if bool::from(given.ct_eq(digest)) {
                    known = Some(caller);
                }
            }
        }
        known.ok_or_else(|| unauthorized("no caller has this key"))
    }
}

fn unauthorized(detail: &str) -> Problem {
    Problem::new(Kind::Unauthorized, detail)
        .with_hint("send `Authorization: Bearer KEY` with the key of one of [[api.callers]]")
}

impl Caller {
    /// Lets a request pass that needs `scope`, and counts it.
    pub(super) fn admit(&self, scope: Scope) -> Result<(), Problem> {
        if let Some(wait) = self.wait() {
            let problem = Problem::new(Kind::RateLimited, "this caller has exceeded its rate");
            return Err(problem.retryable_after(wait));
        }
        if !self.scopes.iter().any(|held| held.includes(scope)) {
            let detail = format!("the caller lacks the scope {}", scope.as_str());
            return Err(Problem::new(Kind::Forbidden, detail)
                .with_hint(format!("add \"{}\" to its scopes in [[api.callers]]", scope.as_str())));
        }
        Ok(())
    }

    fn wait(&self) -> Option<Duration> {
        let rate = self.rate.as_ref()?;
        rate.lock().unwrap_or_else(PoisonError::into_inner).take(Instant::now()).err()
    }
}

impl fmt::Debug for Callers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|caller| &caller.name)).finish()
    }
}
