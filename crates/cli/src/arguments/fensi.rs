//! The commands of 粉丝万岁.

use clap::{Args, Subcommand};

/// `weifen fensi …`
#[derive(Debug, Subcommand)]
pub(crate) enum FensiCommand {
    /// 获取公众号二维码: the QR code of an account for a user to follow
    Qrcode(QrcodeArguments),
    /// 获取所有场景: the kinds of places for which QR codes can be requested
    Scenes,
    /// 获取所有城市: the cities that the platform knows
    Cities,
    /// 消息推送: read a push that was received
    Push(PushArguments),
}

/// `weifen fensi qrcode`
#[derive(Debug, Args)]
pub(crate) struct QrcodeArguments {
    /// The user, in the partner's own account; - reads it from stdin
    #[arg(long, value_name = "OPENID")]
    pub(crate) auth_open_id: String,
    /// The user's nickname
    #[arg(long, value_name = "TEXT")]
    pub(crate) nickname: String,
    /// 0 (any), 1 (male) or 2 (female)
    #[arg(long)]
    pub(crate) sex: String,
    /// The user's IP address
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) ip: String,
    /// The key of the device, if it is not the configured one
    #[arg(long)]
    pub(crate) key: Option<String>,
    /// Only accounts for this scene: a number from `weifen fensi scenes`
    #[arg(long, value_name = "SCENE")]
    pub(crate) label: Option<String>,
    /// A text that comes back in the push (observed, not documented)
    #[arg(long, value_name = "TEXT")]
    pub(crate) state: Option<String>,
    /// Your own text for the booking, such as an order's number; it comes back in the event, the vendor never sees it
    #[arg(long, value_name = "TEXT", requires = "book")]
    pub(crate) reference: Option<String>,
    /// Book the code in the inbox before it is shown; a code that cannot be booked is withheld
    #[arg(long)]
    pub(crate) book: bool,
    /// The inbox's database, instead of serve.database: sqlite:PATH, or postgres://USER@HOST/DATABASE without a
    /// password
    #[arg(long, value_name = "URL", requires = "book")]
    pub(crate) database: Option<String>,
}

/// `weifen fensi push`
#[derive(Debug, Args)]
pub(crate) struct PushArguments {
    /// The file of the push as it was received; - is stdin
    #[arg(long, value_name = "FILE")]
    pub(crate) file: std::path::PathBuf,
}
