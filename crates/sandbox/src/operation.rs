//! An operation: its name, its path and the function that answers it.

use crate::{
    faults::subject::Subject,
    vendor::Vendor,
    wire::{parameters::Call, reply::Reply},
    world::World,
};

pub(crate) struct Operation {
    pub(crate) subject: Subject,
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) answer: Answer,
}

#[derive(Clone, Copy)]
pub(crate) enum Method {
    Get,
    Post,
    Any,
}

/// `Err` is a refusal, so that checks end an answer by `?`.
pub(crate) type Answer = fn(&mut World, &Call) -> Result<Reply, Reply>;

impl Operation {
    /// A call of 微厅's.
    pub(crate) const fn weiting(name: &'static str, method: Method, path: &'static str, answer: Answer) -> Self {
        Self { subject: Subject { vendor: Vendor::Weiting, name, page: false }, method, path, answer }
    }

    /// A call of 粉丝万岁's, which takes any method.
    pub(crate) const fn fensi(name: &'static str, path: &'static str, answer: Answer) -> Self {
        Self { subject: Subject { vendor: Vendor::Fensi, name, page: false }, method: Method::Any, path, answer }
    }

    /// No call of the vendor's: it stands in for 微信, or shows an image.
    pub(crate) const fn page(vendor: Vendor, name: &'static str, path: &'static str, answer: Answer) -> Self {
        Self { subject: Subject { vendor, name, page: true }, method: Method::Get, path, answer }
    }
}
