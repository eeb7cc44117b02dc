//! The commands that receive pushes, and show what they deliver.

use clap::{Args, ValueEnum};

/// `weifen serve`
#[derive(Debug, Args)]
pub(crate) struct ServeArguments {
    /// The address for pushes, over serve.listen; port 0 is any free one
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<String>,
    /// The address for health and metrics, over serve.admin_listen
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) admin_listen: Option<String>,
    /// The inbox, over serve.database: sqlite:PATH, or postgres://USER@HOST/DATABASE with no password in it
    #[arg(long, value_name = "URL")]
    pub(crate) database: Option<String>,
    /// The file of the secrets in the push URL's path, over serve.push_secret_file; - is stdin
    #[arg(long, value_name = "FILE")]
    pub(crate) push_secret_file: Option<String>,
    /// Where events are posted to, over serve.deliver_url
    #[arg(long, value_name = "URL")]
    pub(crate) deliver_url: Option<String>,
    /// The file of the secret that signs deliveries, over serve.deliver_secret_file; - is stdin
    #[arg(long, value_name = "FILE")]
    pub(crate) deliver_secret_file: Option<String>,
    /// For a first look: against a sandbox of both vendors in this process, which pushes here
    #[arg(long)]
    pub(crate) sandbox: bool,
    /// How to write the log on stderr; json where --json is given, else text
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) log: Option<LogFormat>,
}

/// `weifen listen`
#[derive(Debug, Args)]
pub(crate) struct ListenArguments {
    /// Where to post, such as http://localhost:9000/events
    #[arg(long, value_name = "URL")]
    pub(crate) forward_to: String,
    /// The inbox, over serve.database: sqlite:PATH, or postgres://USER@HOST/DATABASE with no password in it
    #[arg(long, value_name = "URL")]
    pub(crate) database: Option<String>,
}

/// How a log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// A line for people
    Text,
    /// A JSON object a line
    Json,
}
