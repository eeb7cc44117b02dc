//! The commands that call no vendor.

use clap::{Args, Subcommand, ValueEnum};

/// `weifen sandbox`
#[derive(Debug, Args)]
pub(crate) struct SandboxArguments {
    #[command(subcommand)]
    pub(crate) command: Option<SandboxCommand>,
    /// The address to listen on; by default a free port of 127.0.0.1. Port 0 is any free port
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<String>,
    /// The URL that gets a push when a user follows: http, on this machine
    #[arg(long, value_name = "URL")]
    pub(crate) push_url: Option<String>,
    /// List the 19 scenes of 粉丝万岁's white-label hosts instead of the nine documented ones
    #[arg(long)]
    pub(crate) white_label: bool,
    /// Inject a documented mixture of faults; the same seed gives the same faults
    #[arg(long, value_name = "SEED")]
    pub(crate) chaos: Option<u64>,
    /// Allow control actions from other machines, if --listen lets them connect: they can read all requests
    #[arg(long)]
    pub(crate) control_anywhere: bool,
}

/// `weifen openapi`
#[derive(Debug, Args)]
pub(crate) struct OpenapiArguments {
    /// The version of OpenAPI: 3.0.3 is for generators that do not support 3.1
    #[arg(value_enum, value_name = "VERSION", default_value = "3.1")]
    pub(crate) version: OpenapiVersion,
}

/// A version of OpenAPI.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OpenapiVersion {
    #[value(name = "3.1")]
    V3_1,
    #[value(name = "3.0.3")]
    V3_0,
}

/// A request to a running sandbox.
#[derive(Debug, Subcommand)]
pub(crate) enum SandboxCommand {
    /// Let a user follow an account at a running sandbox, which then pushes
    Follow(FollowArguments),
}

/// `weifen sandbox follow`
#[derive(Debug, Args)]
pub(crate) struct FollowArguments {
    /// The sandbox's control URL, as the sandbox prints it
    #[arg(long, value_name = "URL")]
    pub(crate) control: String,
    /// The user, in the partner's own account
    #[arg(long, value_name = "OPENID")]
    pub(crate) auth_open_id: String,
    /// The appid of the account; by default that of the user's last QR code
    #[arg(long)]
    pub(crate) appid: Option<String>,
}

/// `weifen secret`
#[derive(Debug, Subcommand)]
pub(crate) enum SecretCommand {
    /// Print a secret for serve.push_secret_file: the last part of the URL that the vendor pushes to
    Push,
    /// Print a secret for serve.deliver_secret_file, which signs deliveries: whsec_… as in Standard Webhooks
    Deliver,
    /// Print a key with which a caller authenticates to an API
    Api,
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
