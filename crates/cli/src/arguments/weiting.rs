//! The commands of 微厅.

use clap::{Args, Subcommand};

/// `weifen weiting …`
#[derive(Debug, Subcommand)]
pub(crate) enum WeitingCommand {
    /// 获取AccessToken: print the shared token, fetched if the store has none
    ///
    /// The token is stored in weiting.token_store, else in $XDG_STATE_HOME/weifen/token.json, else in
    /// $HOME/.local/state/weifen/token.json. Each fetch counts against the daily limit.
    #[command(arg_required_else_help = false, disable_help_subcommand = true)]
    Token(TokenArguments),
    /// 微信基本授权: the address of the consent page to send the browser to
    AuthorizeUrl(AuthorizeUrlArguments),
    /// 获取openid: the openid of the user who came back from the consent page
    Openid(OpenidArguments),
    /// 通过OPENID获取微信绑定用户信息: a user and the numbers that they have bound
    User(UserArguments),
    /// 中奖结果通知模板接口: notify a user of a prize
    Notify(NotifyArguments),
    /// 爱流量回传登录状态: report a login
    LoginReport(LoginReportArguments),
    /// 爱流量回传订购业务: report an order
    OrderReport(OrderReportArguments),
    /// APP快速入口: the mobile number of the user who came with a ticket
    Mobile(MobileArguments),
}

/// `weifen weiting token`
#[derive(Debug, Args)]
pub(crate) struct TokenArguments {
    #[command(subcommand)]
    pub(crate) command: Option<TokenCommand>,
}

/// What is to be done with the token.
#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Show the token's age, its expiry, the daily count and only the first characters of the token; fetches nothing
    Show,
    /// Fetch a new token and print it; first says what this costs
    Refresh(RefreshArguments),
    /// Keep the stored token valid until interrupted, for programs that read it from the store; prints no token
    Watch,
}

/// `weifen weiting token refresh`
#[derive(Debug, Args)]
pub(crate) struct RefreshArguments {
    /// The generation of the token that the vendor rejected: if the store already has another token, that one is
    /// printed without a fetch
    #[arg(long, value_name = "GENERATION")]
    pub(crate) rejected: Option<u64>,
}

/// `weifen weiting authorize-url`
#[derive(Debug, Args)]
pub(crate) struct AuthorizeUrlArguments {
    /// The URL to come back to
    #[arg(long, value_name = "URL")]
    pub(crate) state: String,
}

/// `weifen weiting openid`
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct OpenidArguments {
    /// The code that the browser came back with; - reads it from stdin
    #[arg(long)]
    pub(crate) code: Option<String>,
    /// The whole URL that the browser came back to; - reads it from stdin
    #[arg(long, value_name = "URL")]
    pub(crate) callback: Option<String>,
}

/// `weifen weiting user`
#[derive(Debug, Args)]
pub(crate) struct UserArguments {
    /// The user; - reads it from stdin
    #[arg(long)]
    pub(crate) openid: String,
}

/// `weifen weiting notify`
#[derive(Debug, Args)]
pub(crate) struct NotifyArguments {
    /// The user; - reads it from stdin
    #[arg(long)]
    pub(crate) openid: String,
    /// The text that opens the message; may be empty, like each of the five texts
    #[arg(long, value_name = "TEXT")]
    pub(crate) first: String,
    /// The name of the prize draw
    #[arg(long, value_name = "TEXT")]
    pub(crate) activity: String,
    /// The prize
    #[arg(long, value_name = "TEXT")]
    pub(crate) prize: String,
    /// The text that closes the message
    #[arg(long, value_name = "TEXT")]
    pub(crate) remark: String,
    /// The URL that a tap on the message opens
    #[arg(long)]
    pub(crate) url: String,
}

/// `weifen weiting login-report`
#[derive(Debug, Args)]
pub(crate) struct LoginReportArguments {
    /// The user; - reads it from stdin
    #[arg(long)]
    pub(crate) openid: String,
    /// The device's number; - reads it from stdin
    #[arg(long, value_name = "NUMBER")]
    pub(crate) deviceno: String,
    /// The device's network operator (运营商)
    #[arg(long, value_name = "TEXT")]
    pub(crate) operators: Option<String>,
    /// The place that the number belongs to (归属地)
    #[arg(long, value_name = "TEXT")]
    pub(crate) qcellcore: Option<String>,
}

/// `weifen weiting order-report`
#[derive(Debug, Args)]
pub(crate) struct OrderReportArguments {
    /// The user; - reads it from stdin
    #[arg(long)]
    pub(crate) openid: String,
    /// The device's number; - reads it from stdin
    #[arg(long, value_name = "NUMBER")]
    pub(crate) deviceno: String,
    /// The name of the traffic package (`traffic_package_name`)
    #[arg(long, value_name = "TEXT")]
    pub(crate) package: String,
    /// The day of the order in Beijing, such as 2016-05-27, in the years 1 to 9999 (`transaction_date`)
    #[arg(long)]
    pub(crate) date: Option<String>,
}

/// `weifen weiting mobile`
#[derive(Debug, Args)]
pub(crate) struct MobileArguments {
    /// The ticket; - reads it from stdin
    #[arg(long)]
    pub(crate) ticket: String,
}
