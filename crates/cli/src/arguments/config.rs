//! `weifen config`

use clap::{Args, Subcommand};

/// `weifen config`
#[derive(Debug, Args)]
pub(crate) struct ConfigArguments {
    #[command(subcommand)]
    pub(crate) command: ConfigCommand,
}

/// A page about the configuration, or its check.
#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print a weifen.toml with every key, its default and its meaning, as comments
    Example,
    /// Print a JSON Schema of weifen.toml, for editors
    Schema,
    /// Print the reference page of all keys, in Markdown
    Reference,
    /// Check the configuration, or a file from stdin: reports all mistakes at once
    Check,
}
