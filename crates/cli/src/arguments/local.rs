//! The commands that call no vendor.

use clap::Args;

/// `weifen sandbox`
#[derive(Debug, Args)]
pub(crate) struct SandboxArguments {
    /// The address to listen on; port 0 is any free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub(crate) listen: String,
    /// Where pushes go when a user follows: http, on this machine
    #[arg(long, value_name = "URL")]
    pub(crate) push_url: Option<String>,
    /// List the 19 scenes of 粉丝万岁's white-label hosts in the place of the nine documented ones
    #[arg(long)]
    pub(crate) white_label: bool,
    /// Let things go wrong on purpose, a documented mixture of faults; the same seed, the same faults
    #[arg(long, value_name = "SEED")]
    pub(crate) chaos: Option<u64>,
}

/// `weifen sign`
#[derive(Debug, Args)]
pub(crate) struct SignArguments {
    /// Seconds since 1970 (UTC)
    #[arg(long)]
    pub(crate) timestamp: String,
    /// A text that is new for each call
    #[arg(long)]
    pub(crate) nonce: String,
}
