//! The commands that look into the inbox and decide about what waits in it.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use weifen::inbox::HoldReason;

/// `weifen inbox …`
#[derive(Debug, Args)]
pub(crate) struct InboxArguments {
    /// The inbox's database, instead of serve.database: sqlite:PATH, or postgres://USER@HOST/DATABASE without a
    /// password
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) database: Option<String>,
    #[command(subcommand)]
    pub(crate) command: InboxCommand,
}

/// What is to be done with the inbox.
#[derive(Debug, Subcommand)]
pub(crate) enum InboxCommand {
    /// List events: the newest, or all with --json
    List(ListArguments),
    /// Print events as they are received, until interrupted; with --json one object per line
    Tail,
    /// Show all details of an event
    Show(EventArguments),
    /// Count what the inbox holds
    Stats,
    /// List pushes that are not ours or not readable, or judge them again
    Quarantine(QuarantineArguments),
    /// Release a held event for delivery, or all that match
    Release(ReleaseArguments),
    /// Redrive a dead event, or all that match: attempts and time are counted from zero
    Redrive(RedriveArguments),
    /// Resume deliveries after the receiver asked to stop (HTTP 410), at every server of the inbox
    Resume,
    /// Book a QR code in the inbox, so that its push is expected
    ///
    /// Needs fensi.develop_appid. Creates the inbox if it does not exist.
    Book(BookArguments),
    /// List bookings that ended without a push: the only sign of a lost push
    Missing(MissingArguments),
    /// Erase personal data for good; the identity of each follow is kept, so that no follow is paid twice
    ///
    /// Erases the pushes of events, the entries in quarantine, ended bookings, and the answers to calls over the HTTP
    /// API with their keys. Pending events keep their data. A request that repeats a call whose answer was erased gets
    /// 409 `key_expired`, and nothing is sent.
    Purge(PurgeArguments),
    /// Make a backup of a SQLite inbox, beside a running server or without one
    ///
    /// The backup is one file: a snapshot of the inbox, synced to disk and readable only by its owner.
    Backup(BackupArguments),
    /// Restore a backup of a SQLite inbox while no server runs
    ///
    /// The backup is checked first. The current inbox and its log are set aside under other names; nothing is deleted.
    /// Events that were delivered since the backup are delivered again, with the same ids.
    Restore(RestoreArguments),
}

/// `weifen inbox list`
#[derive(Debug, Args)]
pub(crate) struct ListArguments {
    /// Only held events
    #[arg(long, conflicts_with = "dead")]
    pub(crate) held: bool,
    /// Only dead events
    #[arg(long)]
    pub(crate) dead: bool,
}

/// `weifen inbox quarantine`
#[derive(Debug, Args)]
pub(crate) struct QuarantineArguments {
    #[command(subcommand)]
    pub(crate) command: Option<QuarantineCommand>,
}

/// What is to be done with what is in quarantine, where it is not only to be listed.
#[derive(Debug, Subcommand)]
pub(crate) enum QuarantineCommand {
    /// Judge the quarantine again by the current configuration: a push that is ours becomes an event
    ///
    /// Use it after you have added a device to serve.keys or updated weifen. Needs fensi.develop_appid. Each entry
    /// becomes at most one event, however often this runs; the others stay, with their current reason.
    Readmit(ReadmitArguments),
}

/// `weifen inbox quarantine readmit`
#[derive(Debug, Args)]
pub(crate) struct ReadmitArguments {
    /// The number of an entry, as `weifen inbox quarantine` shows it
    #[arg(required_unless_present = "since", conflicts_with_all = ["since", "until"])]
    pub(crate) id: Option<String>,
    /// All entries that were received at this time or later: 2026-11-29T08:00:00+08:00, 2026-11-29 (in Beijing),
    /// seconds since 1970,
    /// or how long ago: 45s, 15m, 12h, 30d
    #[arg(long, value_name = "T")]
    pub(crate) since: Option<String>,
    /// Only entries that were received before this time
    #[arg(long, value_name = "T", requires = "since")]
    pub(crate) until: Option<String>,
    /// Count only, and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// `weifen inbox show`
#[derive(Debug, Args)]
pub(crate) struct EventArguments {
    /// The event's number, as `weifen inbox list` shows it
    pub(crate) id: String,
}

/// `weifen inbox release`
#[derive(Debug, Args)]
pub(crate) struct ReleaseArguments {
    /// The event's number, as `weifen inbox list` shows it
    pub(crate) id: Option<String>,
    #[command(flatten)]
    pub(crate) filter: FilterArguments,
    /// Only events that are held for this reason: booking_over, other_state, other_device or not_booked
    #[arg(long, conflicts_with = "id", value_parser = hold_reason)]
    pub(crate) reason: Option<HoldReason>,
}

/// `weifen inbox redrive`
#[derive(Debug, Args)]
pub(crate) struct RedriveArguments {
    /// The event's number, as `weifen inbox list` shows it
    pub(crate) id: Option<String>,
    #[command(flatten)]
    pub(crate) filter: FilterArguments,
    /// Every dead event
    #[arg(long, conflicts_with_all = ["id", "since", "until", "device"])]
    pub(crate) all: bool,
}

/// Which events are meant, where it is not one by its number.
#[derive(Debug, Args)]
pub(crate) struct FilterArguments {
    /// Only events that were received at this time or later: 2026-11-29T08:00:00+08:00, 2026-11-29 (in Beijing),
    /// seconds since
    /// 1970, or how long ago: 45s, 15m, 12h, 30d
    #[arg(long, value_name = "T", conflicts_with = "id")]
    pub(crate) since: Option<String>,
    /// Only events that were received before this time
    #[arg(long, value_name = "T", conflicts_with = "id")]
    pub(crate) until: Option<String>,
    /// Only events of this device
    #[arg(long, value_name = "KEY", conflicts_with = "id")]
    pub(crate) device: Option<String>,
    /// Count the events, and change nothing
    #[arg(long, conflicts_with = "id")]
    pub(crate) dry_run: bool,
}

fn hold_reason(word: &str) -> Result<HoldReason, &'static str> {
    let reason = HoldReason::ALL.into_iter().find(|reason| reason.as_str() == word);
    reason.ok_or("expected booking_over, other_state, other_device or not_booked")
}

/// `weifen inbox book`
#[derive(Debug, Args)]
pub(crate) struct BookArguments {
    /// The user, in the partner's own account; - reads it from stdin
    #[arg(long, value_name = "OPENID")]
    pub(crate) auth_open_id: String,
    /// The key of the device in front of the user
    #[arg(long)]
    pub(crate) key: String,
    /// The appid of the account to follow, from the QR code's answer
    #[arg(long)]
    pub(crate) appid: String,
    /// The state that the push must contain, if the QR code was requested with one
    #[arg(long, value_name = "TEXT")]
    pub(crate) state: Option<String>,
    /// Your own text for the booking, such as an order's number; it comes back in the event
    #[arg(long, value_name = "TEXT")]
    pub(crate) reference: Option<String>,
    /// The bid in fen, from the QR code's answer; an event whose push has another bid is marked
    #[arg(long, value_name = "FEN")]
    pub(crate) bid: Option<u64>,
    /// Time for which the push is expected: 3600 and 45s are seconds; also 15m, 12h, 30d
    #[arg(long, value_name = "SECONDS")]
    pub(crate) ttl: String,
}

/// `weifen inbox missing`
#[derive(Debug, Args)]
pub(crate) struct MissingArguments {
    /// Only bookings that ended longer ago: 3600 and 45s are seconds; also 15m, 12h, 30d
    #[arg(long, value_name = "AGE", default_value = "0")]
    pub(crate) older_than: String,
}

/// `weifen inbox backup`
#[derive(Debug, Args)]
pub(crate) struct BackupArguments {
    /// The backup's file, which must not exist yet
    #[arg(long, value_name = "FILE")]
    pub(crate) to: PathBuf,
}

/// `weifen inbox restore`
#[derive(Debug, Args)]
pub(crate) struct RestoreArguments {
    /// The backup's file, which is not changed
    #[arg(long, value_name = "FILE")]
    pub(crate) from: PathBuf,
}

/// `weifen inbox purge`
#[derive(Debug, Args)]
pub(crate) struct PurgeArguments {
    /// Erase data that was received, or ended, longer ago: 3600 and 45s are seconds; also 15m, 12h, 30d
    #[arg(long, value_name = "AGE")]
    pub(crate) older_than: String,
}
