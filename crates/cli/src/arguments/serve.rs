//! The commands that receive pushes, and show what they deliver.

use clap::{Args, ValueEnum};

/// `weifen serve`
#[derive(Debug, Args)]
pub(crate) struct ServeArguments {
    /// The address for pushes, instead of serve.listen; port 0 is any free port
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<String>,
    /// The address for health and metrics, instead of serve.admin_listen
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) admin_listen: Option<String>,
    /// The inbox's database, instead of serve.database: sqlite:PATH, or postgres://USER@HOST/DATABASE without a
    /// password
    #[arg(long, value_name = "URL")]
    pub(crate) database: Option<String>,
    /// The file of the secrets in the push URL's path, instead of serve.push_secret_file; - is stdin
    #[arg(long, value_name = "FILE")]
    pub(crate) push_secret_file: Option<String>,
    /// The URL to which events are posted, instead of serve.deliver_url
    #[arg(long, value_name = "URL")]
    pub(crate) deliver_url: Option<String>,
    /// The file of the secret that signs deliveries, instead of serve.deliver_secret_file; - is stdin
    #[arg(long, value_name = "FILE")]
    pub(crate) deliver_secret_file: Option<String>,
    /// Run a sandbox of both vendors in this process, which pushes here: for a first look
    #[arg(long)]
    pub(crate) sandbox: bool,
    /// Format of the log on stderr; by default json with --json, else text
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) log: Option<LogFormat>,
}

/// `weifen listen`
#[derive(Debug, Args)]
pub(crate) struct ListenArguments {
    /// The URL to post to, such as http://localhost:9000/events
    #[arg(long, value_name = "URL")]
    pub(crate) forward_to: String,
    /// The inbox's database, instead of serve.database: sqlite:PATH, or postgres://USER@HOST/DATABASE without a
    /// password
    #[arg(long, value_name = "URL")]
    pub(crate) database: Option<String>,
}

/// How a log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// Lines for people
    Text,
    /// One JSON object per line
    Json,
}
