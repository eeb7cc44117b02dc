//! Implementations of the traits: the `Debug` of their holder shows them, so their own may have no more than a name.

use std::sync::Arc;

use anyhow::Result;
use weifen::proto::Endpoint;
use weifen::transport::cassette::{
    Allowed, Cassette, Inputs, Play, Played, RecordError, Recorder, Rehearsal, Replay, Replayed, Scenario, Stage,
    Transcript,
};
use weifen::transport::mock::Canned;
use weifen::transport::testing::{RawRequest, RawServer};
use weifen::transport::{
    BadReply, BaseUrl, CallError, CertificateFault, DriftWatch, Driver, Failure, HyperTransport, NetworkFault,
    NotPublic, Plaintext, RepeatPolicy, ReqwestTransport, StoreError, StoreErrorKind, TowerTransport, Transport,
    TransportError, TransportService, Unusable,
};
use weifen::weiting::OpenidByCodeRequest;

use super::super::block_on;
use super::Shown;
use crate::canary::Secret;

/// Shows each implementation of a trait that another type holds.
pub(super) fn show(shown: &mut Shown) -> Result<()> {
    let password = Secret::ProxyPassword.value();
    let builder =
        ReqwestTransport::builder().proxy(format!("http://u:{password}@127.0.0.1:9")).ca_pem(password.clone());
    shown.value(&builder);
    let reqwest = ReqwestTransport::builder().proxy(format!("http://u:{password}@127.0.0.1:9")).build()?;
    shown.value(&reqwest);
    shown.value(&HyperTransport::builder().ca_pem(password.clone()));
    shown.value(&HyperTransport::new()?);
    let transport: Arc<dyn Transport> = Arc::new(reqwest);
    shown.value(&Canned::body(password.clone()));
    shown.value(&RawServer::refusing()?);
    shown.value(&RawRequest::read(&mut format!("GET /?{password} HTTP/1.1\r\nx: {password}\r\n\r\n").as_bytes())?);
    shown.value(&Driver::new(transport.clone(), RepeatPolicy::default()));
    shown.value(&DriftWatch::new(None));
    shown.value(&TransportService::new(transport.clone()));
    shown.value(&TowerTransport::new(TransportService::new(transport.clone())));
    shown.error(&NotPublic::new("h.example"));
    let expected = "h.example".to_owned();
    let fault = CertificateFault::NoName { expected };
    shown.error(&fault);
    shown.error(&NetworkFault::Certificate(fault));
    shown.value(&BaseUrl::new("https://h.example", Plaintext::Refused)?);
    if let Err(error) = BaseUrl::new("http://h.example", Plaintext::Refused) {
        shown.error(&error);
    }
    let broken = || std::io::Error::other("broken");
    let no_reply = TransportError::no_reply(broken());
    shown.error(&no_reply);
    shown.error(&StoreError::new("a store", StoreErrorKind::Unusable, broken()));
    shown.error(&Unusable::NoReply(no_reply.clone()));
    let redirect = BadReply::Redirect { host: Some("other.example".to_owned()) };
    shown.error(&redirect);
    let failure = Failure::UnknownOutcome(Unusable::BadReply(redirect));
    shown.error(&failure);
    let failed = CallError::new(&OpenidByCodeRequest::OPERATION, failure);
    shown.value(&failed.report());
    shown.error(&failed);
    let Err(error) = ReqwestTransport::builder().ca_pem(password).build() else { anyhow::bail!("it is taken") };
    shown.error(&error);
    cassettes(shown, &transport)
}

fn cassettes(shown: &mut Shown, transport: &Arc<dyn Transport>) -> Result<()> {
    let inputs = Inputs::new().with_text("secret", Secret::WeitingSecret.value());
    shown.value(&inputs);
    if let Err(error) = inputs.text("another") {
        shown.error(&error);
    }
    let recorder = Recorder::sandbox(transport.clone(), "leaks", inputs.clone());
    shown.value(&recorder);
    let cassette = recorder.finish()?;
    shown.value(&cassette);
    if let Err(error) = Cassette::parse("x.json".as_ref(), Secret::Code.value().as_bytes()) {
        shown.error(&error);
    }
    shown.error(&RecordError::NoReply(TransportError::no_reply(std::io::Error::other("broken"))));
    shown.value(&Replay::new(cassette, Allowed::nothing()));
    shown.value(&Allowed::nothing());
    shown.value(&Transcript::new(transport.clone()));
    let play: Play =
        |stage| Box::pin(async move { Ok(Played::of::<String>(Ok(stage.inputs.text("secret")?.to_owned()))) });
    let scenario = Scenario { name: "a-scenario", inputs: inputs.clone(), is_live: true, play };
    shown.value(&scenario);
    let stage = Stage::of_replay(transport.clone(), inputs);
    shown.value(&stage);
    let outcome = block_on(async { play(stage).await.map_err(|error| anyhow::anyhow!("{error}")) })?;
    shown.value(&outcome);
    shown.value(&Replayed { outcome, requests: Secret::Code.value(), finished: Ok(()) });
    shown.value(&Rehearsal::new("cassettes", vec![scenario], Allowed::nothing()));
    Ok(())
}
