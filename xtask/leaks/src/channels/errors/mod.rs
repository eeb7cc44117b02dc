//! Every error that a library returns, with all its sources, in every form.

mod configuration;
mod failing_calls;
mod refused;
mod stores;

use std::error::Error;
use std::sync::Arc;

use anyhow::Result;
use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use weifen::transport::{Transport, TransportError};

use super::{Stage, block_on};
use crate::calls::{self, Called};
use crate::capture::{Capture, debugged, told};

/// An address on which nothing listens.
const NOWHERE: &str = "127.0.0.1:9";

pub(super) fn drive(stage: Stage) -> Result<Capture> {
    block_on(async {
        let mut capture = Capture::default();
        if stage.is_planted {
            let planted: Arc<dyn Transport> = Arc::new(Planted);
            add_calls(&mut capture, "a planted leak", calls::all("http://127.0.0.1:9", &planted).await?);
            return Ok(capture);
        }
        let [mut of_vendors, mut of_transports, mut of_stores] = [(); 3].map(|()| Capture::default());
        tokio::try_join!(
            failing_calls::to_every_vendor(&mut of_vendors),
            failing_calls::through_wrong_transports(&mut of_transports),
            stores::gather(&mut of_stores),
        )?;
        for came in [of_vendors, of_transports, of_stores] {
            capture.extend(came);
        }
        configuration::gather(stage, &mut capture)?;
        refused::values(&mut capture);
        refused::answers(&mut capture);
        refused::cassettes(&mut capture)?;
        Ok(capture)
    })
}

/// The planted leak: an error that names the URL.
#[derive(Debug)]
struct Planted;

#[async_trait]
impl Transport for Planted {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        Err(TransportError::not_sent(NoWay(request.uri().clone())))
    }
}

#[derive(Debug, thiserror::Error)]
#[error("no way to {0}")]
struct NoWay(http::Uri);

fn add(capture: &mut Capture, from: impl Into<String>, error: &(dyn Error + 'static)) {
    capture.add(from, told(error));
}

fn add_calls(capture: &mut Capture, from: &str, calls: Vec<Called>) {
    for Called { operation, outcome } in calls {
        let from = format!("{operation}, {from}");
        match outcome {
            Ok(answer) => capture.add(from, answer),
            Err(error) => {
                let refusal = error.refusal().map(|refusal| {
                    format!("{} {} {}", told(refusal), refusal.printable_message(), debugged(&refusal.printable_cap()))
                });
                let rest = format!("{:?} {refusal:?} {}", error.hint(), debugged(error.failure()));
                capture.add(from.clone(), rest);
                add(capture, from, &error);
            }
        }
    }
}
