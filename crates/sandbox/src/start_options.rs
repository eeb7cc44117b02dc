//! The options that a sandbox was started with; a reset returns to it.

use std::time::Duration;

use jiff::Timestamp;
use url::Url;

#[derive(Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own, and all may be made")]
pub(crate) struct StartOptions {
    /// The start of every link the sandbox hands out, without a slash at its end.
    pub(crate) public_url: String,
    pub(crate) push_url: Option<Url>,
    pub(crate) push_anywhere: bool,
    /// Other machines may ask for control actions.
    pub(crate) control_anywhere: bool,
    /// 粉丝万岁 answers as one of its white-label hosts.
    pub(crate) white_label: bool,
    pub(crate) daily_limit: u32,
    pub(crate) token_life: Duration,
    pub(crate) single_token: bool,
    /// The seed of the mixture of faults that is there from the start.
    pub(crate) chaos: Option<u64>,
    /// The instant a standing clock shows at first; `None`: the clock runs.
    pub(crate) fixed_start: Option<Timestamp>,
}

impl Default for StartOptions {
    fn default() -> Self {
        Self {
            public_url: String::new(),
            push_url: None,
            push_anywhere: false,
            control_anywhere: false,
            white_label: false,
            daily_limit: 200,
            token_life: Duration::from_hours(2),
            single_token: false,
            chaos: None,
            fixed_start: None,
        }
    }
}
