//! The one line that tells a program in any language how to reach a sandbox.

use serde::Serialize;

/// The addresses and credentials of a sandbox. Serialises as one JSON object with these names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Ready {
    /// Base URL of 微厅.
    pub weiting_base_url: String,
    /// Base URL of 粉丝万岁.
    pub fensi_base_url: String,
    /// Base URL of the control actions, without a slash at its end.
    pub control_url: String,
    /// The partner's appid at 微厅.
    pub appid: String,
    /// The partner's secret at 微厅.
    pub secret: String,
    /// The partner's developer appid at 粉丝万岁.
    pub develop_appid: String,
    /// The partner's `app_secret` at 粉丝万岁.
    pub app_secret: String,
    /// The key of the partner's device at 粉丝万岁.
    pub key: String,
    /// The path of 微厅's bound-user call, which the vendor does not document.
    pub user_path: String,
}
