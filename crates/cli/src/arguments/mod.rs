//! The command line as clap reads it. Values are checked by the types of their requests, not here.

mod config;
mod fensi;
mod inbox;
mod local;
mod serve;
mod weiting;

use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand};

use crate::language::Language;

pub(crate) use config::{ConfigArguments, ConfigCommand};
pub(crate) use fensi::{FensiCommand, PushArguments, QrcodeArguments};
pub(crate) use inbox::{
    BackupArguments, BookArguments, EventArguments, FilterArguments, InboxArguments, InboxCommand, ListArguments,
    MissingArguments, PurgeArguments, QuarantineArguments, QuarantineCommand, ReadmitArguments, RedriveArguments,
    ReleaseArguments, RestoreArguments,
};
pub(crate) use local::{
    FollowArguments, OpenapiArguments, OpenapiVersion, SandboxArguments, SandboxCommand, SecretCommand, SignArguments,
};
pub(crate) use serve::{ListenArguments, LogFormat, ServeArguments};
pub(crate) use weiting::{
    AuthorizeUrlArguments, LoginReportArguments, MobileArguments, NotifyArguments, OpenidArguments,
    OrderReportArguments, RefreshArguments, TokenArguments, TokenCommand, UserArguments, WeitingCommand,
};

/// 微厅 (weiting) and 粉丝万岁 (fensi) from the command line
///
/// Settings come from --config FILE, else the file that `WEIFEN_CONFIG` names, else ./weifen.toml;
/// `WEIFEN_SECTION_KEY` in the environment overrides it. Secrets come from files, the environment or stdin, never from
/// an argument.
#[derive(Debug, Parser)]
#[command(name = "weifen", version, arg_required_else_help = false, disable_help_subcommand = true)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes, before or after its name.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Every command")]
pub(crate) struct Globals {
    /// The configuration file (demo, sandbox, secret, openapi and fensi push read none)
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Write exactly one JSON document to stdout, for failures too
    #[arg(long, global = true, overrides_with = "json")]
    pub(crate) json: bool,
    /// Timeout of a call in whole seconds, instead of http.timeout_s
    #[arg(long, global = true, value_name = "SECONDS")]
    pub(crate) timeout: Option<String>,
    /// The language of doctor, hints and `config reference`, en or zh; by default that of the locale
    #[arg(long, global = true, value_name = "LANGUAGE", hide_possible_values = true)]
    pub(crate) lang: Option<Language>,
    /// Log requests to stderr; -vv also logs the origin of settings
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
}

/// What is to be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check everything that calls and pushes need, and say what to do; changes nothing and fetches no token
    Doctor,
    /// Print the keys of the configuration, or check a configuration
    #[command(arg_required_else_help = false, disable_help_subcommand = true)]
    Config(ConfigArguments),
    /// Run every operation against a sandbox of both vendors
    Demo,
    /// Serve a sandbox of both vendors until interrupted, or let a user follow at a running one
    #[command(disable_help_subcommand = true)]
    Sandbox(SandboxArguments),
    /// Print a new random secret, and nothing else
    #[command(subcommand, arg_required_else_help = false, disable_help_subcommand = true)]
    Secret(SecretCommand),
    /// Receive pushes into the inbox, and deliver its events, until interrupted
    Serve(ServeArguments),
    /// Print the OpenAPI document of the HTTP API, for generators of clients
    Openapi(OpenapiArguments),
    /// Sign as 粉丝万岁 requires, with the configured `app_secret`
    Sign(SignArguments),
    /// Call 微厅
    #[command(subcommand, arg_required_else_help = false, disable_help_subcommand = true)]
    Weiting(WeitingCommand),
    /// Call 粉丝万岁, or read what it pushed
    #[command(subcommand, arg_required_else_help = false, disable_help_subcommand = true)]
    Fensi(FensiCommand),
    /// List the events of the inbox, and release, redrive, back up or purge them; works beside a server
    #[command(arg_required_else_help = false, disable_help_subcommand = true)]
    Inbox(InboxArguments),
    /// Post each delivery also to another URL, such as your laptop's, until interrupted
    ///
    /// Normal deliveries continue: this command only reads the inbox. Each request has the body and the webhook-id of
    /// the delivery, and is signed with a secret that is printed at the start. Each event is posted once, when it is
    /// received or delivered after its release, one after the other; nothing is retried. One line per event shows the
    /// answer or the error.
    Listen(ListenArguments),
}
