//! The kinds of contestants.

use std::net::SocketAddr;

use anyhow::Result;
use weifen_transport::{HyperTransport, ReqwestTransport};

use super::contestant::{Caller, Contestant, Crowd};
use super::hyper_loop::HyperLoop;
use super::hyper_util_client::HyperUtilClient;
use super::reqwest_loop::ReqwestLoop;
use super::weifen_client::WeifenClient;

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Kind {
    Hyper,
    HyperUtil,
    Reqwest,
    WeifenOverHyper,
    WeifenOverReqwest,
}

pub(crate) const COUNT: usize = 5;

/// All kinds, each at its own index.
pub(crate) const KINDS: [Kind; COUNT] =
    [Kind::Hyper, Kind::HyperUtil, Kind::Reqwest, Kind::WeifenOverHyper, Kind::WeifenOverReqwest];

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Hyper => "lean hyper loop",
            Self::HyperUtil => "hand-written hyper-util client",
            Self::Reqwest => "hand-written reqwest loop",
            Self::WeifenOverHyper => "weifen over HyperTransport",
            Self::WeifenOverReqwest => "weifen over ReqwestTransport",
        }
    }

    /// Returns a contestant with a caller for each concurrent call.
    pub(crate) async fn contestant(self, server: SocketAddr, in_flight: usize) -> Result<Box<dyn Contestant>> {
        Ok(match self {
            Self::Hyper => {
                let mut callers = Vec::new();
                for _ in 0..in_flight {
                    callers.push(HyperLoop::connect(server).await?);
                }
                Box::new(Crowd::new(callers))
            }
            Self::HyperUtil => crowd(&HyperUtilClient::new(server)?, in_flight),
            Self::Reqwest => crowd(&ReqwestLoop::new(server)?, in_flight),
            Self::WeifenOverHyper => crowd(&WeifenClient::new(server, HyperTransport::new()?)?, in_flight),
            Self::WeifenOverReqwest => crowd(&WeifenClient::new(server, ReqwestTransport::new()?)?, in_flight),
        })
    }
}

fn crowd<C: Caller + Clone>(caller: &C, in_flight: usize) -> Box<dyn Contestant> {
    Box::new(Crowd::new(vec![caller.clone(); in_flight]))
}
