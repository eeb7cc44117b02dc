//! 爱流量回传登录状态 · POST /service/weekBind/create

use std::fmt;

use serde::Deserialize;

use super::envelope::{self, Done};
use super::{DeviceNo, Openid};
use crate::{Endpoint, Field, NoAnswer, Operation, Parameters, Path, RefusalKind, Shape, Vendor};

/// Report that a user logged in with a device.
#[derive(Clone, PartialEq, Eq)]
pub struct LoginReportRequest {
    openid: Openid,
    device_no: DeviceNo,
    operators: Option<String>,
    qcellcore: Option<String>,
}

impl LoginReportRequest {
    /// Creates the report that `openid` logged in with `device_no`.
    pub fn new(openid: Openid, device_no: DeviceNo) -> Self {
        Self { openid, device_no, operators: None, qcellcore: None }
    }

    /// Adds the device's network operator (运营商).
    #[must_use]
    pub fn operators(mut self, operators: impl Into<String>) -> Self {
        self.operators = Some(operators.into());
        self
    }

    /// Adds the place that the number belongs to (归属地).
    #[must_use]
    pub fn qcellcore(mut self, qcellcore: impl Into<String>) -> Self {
        self.qcellcore = Some(qcellcore.into());
        self
    }
}

impl fmt::Debug for LoginReportRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginReportRequest").field("openid", &self.openid).finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct Reply {
    #[serde(rename = "status")]
    _status: Done,
}

impl Endpoint for LoginReportRequest {
    type Answer = ();

    const OPERATION: Operation =
        Operation::new(Vendor::Weiting, "login_report", "爱流量回传登录状态", Path::Fixed("/service/weekBind/create"));

    const PARAMETERS: &'static [&'static str] = &["openid", "deviceno", "operators", "qcellcore", "channel", "from"];

    const DOCUMENTED: Shape =
        Shape::Object(&[Field::integer("status"), Field::text("data"), Field::new("info", Shape::Any).or_absent()]);

    fn parameters(&self) -> Parameters<'_> {
        Parameters::new()
            .text("openid", self.openid.as_str())
            .text("deviceno", self.device_no.as_str())
            .optional_text("operators", self.operators.as_deref())
            .optional_text("qcellcore", self.qcellcore.as_deref())
            .text("channel", "1")
            .text("from", "love flow")
    }

    fn answer(body: &[u8]) -> Result<(), NoAnswer> {
        let _: Reply = envelope::read(body, &Self::OPERATION, Self::REFUSALS, RefusalKind::ReportNotTaken)?;
        Ok(())
    }
}
