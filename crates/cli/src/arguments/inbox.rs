//! The commands that look into the inbox and decide about what waits in it.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use weifen::inbox::HoldReason;

/// `weifen inbox …`
#[derive(Debug, Args)]
pub(crate) struct InboxArguments {
    /// The inbox, over serve.database: sqlite:PATH, or postgres://USER@HOST/DATABASE with no password in it
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) database: Option<String>,
    #[command(subcommand)]
    pub(crate) command: InboxCommand,
}

/// What is to be done with the inbox.
#[derive(Debug, Subcommand)]
pub(crate) enum InboxCommand {
    /// List events: the newest, or all under --json
    List(ListArguments),
    /// Print events as they come in, until interrupted; under --json an object a line
    Tail,
    /// Show all that is known of an event
    Show(EventArguments),
    /// Count what the inbox holds
    Stats,
    /// List what came in and is no push of ours, or none that can be understood; or judge it anew
    Quarantine(QuarantineArguments),
    /// Let a held event be delivered, or all that match
    Release(ReleaseArguments),
    /// Let a dead event be delivered, with all its attempts and all its time before it, or all that match
    Redrive(RedriveArguments),
    /// Resume deliveries after their receiver has asked for no more (HTTP 410), at every server of the inbox
    Resume,
    /// Tell the inbox that a QR code was given out, so that its push is expected
    ///
    /// Needs fensi.develop_appid. Makes the inbox where there is none.
    Book(BookArguments),
    /// List bookings that ended without a push: the only sign of one that was lost
    Missing(MissingArguments),
    /// Erase personal data for good; that a follow was seen is kept, so that none is paid twice
    ///
    /// Erased are the pushes of events, what is in quarantine, and bookings that have ended. Events that are still to be
    /// delivered keep theirs.
    Purge(PurgeArguments),
    /// Make a backup of a SQLite inbox, beside a running server or without one
    ///
    /// The backup is one file, as the inbox is at one moment, on the disk and readable by its owner alone.
    Backup(BackupArguments),
    /// Restore a backup of a SQLite inbox while no server runs
    ///
    /// The backup is checked first. The inbox that is there is set aside with its log, under other names; nothing is
    /// deleted. What was delivered since the backup is delivered again, under the same ids.
    Restore(RestoreArguments),
}

/// `weifen inbox list`
#[derive(Debug, Args)]
pub(crate) struct ListArguments {
    /// Only those that wait for a person to release them
    #[arg(long, conflicts_with = "dead")]
    pub(crate) held: bool,
    /// Only those that were given up
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
    /// Judge anew what is in quarantine, by today's configuration: what is a push of ours becomes an event
    ///
    /// For when a device was missing in serve.keys, or a newer version understands more. Needs fensi.develop_appid.
    /// Each becomes one event at most, however often this runs; what still is no push of ours stays, with today's
    /// reason.
    Readmit(ReadmitArguments),
}

/// `weifen inbox quarantine readmit`
#[derive(Debug, Args)]
pub(crate) struct ReadmitArguments {
    /// One of them, by its number, as `weifen inbox quarantine` shows it
    #[arg(required_unless_present = "since", conflicts_with_all = ["since", "until"])]
    pub(crate) id: Option<String>,
    /// All that came in at this time or later: 2026-11-29T08:00:00+08:00, 2026-11-29 (in Beijing), seconds since 1970,
    /// or how long ago: 45s, 15m, 12h, 30d
    #[arg(long, value_name = "T")]
    pub(crate) since: Option<String>,
    /// Only those that came in before this time
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
    /// Only events that came in at this time or later: 2026-11-29T08:00:00+08:00, 2026-11-29 (in Beijing), seconds since
    /// 1970, or how long ago: 45s, 15m, 12h, 30d
    #[arg(long, value_name = "T", conflicts_with = "id")]
    pub(crate) since: Option<String>,
    /// Only events that came in before this time
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
    /// The device at which the user stands
    #[arg(long)]
    pub(crate) key: String,
    /// The account that the user is to follow, out of the QR code's answer
    #[arg(long)]
    pub(crate) appid: String,
    /// The text that the push must bring back, where one was sent along
    #[arg(long, value_name = "TEXT")]
    pub(crate) state: Option<String>,
    /// Your own text for the booking, such as an order's number; it comes back in the event
    #[arg(long, value_name = "TEXT")]
    pub(crate) reference: Option<String>,
    /// The bid in fen, out of the QR code's answer; an event whose push tells another is marked
    #[arg(long, value_name = "FEN")]
    pub(crate) bid: Option<u64>,
    /// How long the push is to be expected: 3600 and 45s are seconds; also 15m, 12h, 30d
    #[arg(long, value_name = "SECONDS")]
    pub(crate) ttl: String,
}

/// `weifen inbox missing`
#[derive(Debug, Args)]
pub(crate) struct MissingArguments {
    /// Only those that ended longer ago: 3600 and 45s are seconds; also 15m, 12h, 30d
    #[arg(long, value_name = "AGE", default_value = "0")]
    pub(crate) older_than: String,
}

/// `weifen inbox backup`
#[derive(Debug, Args)]
pub(crate) struct BackupArguments {
    /// The backup's file; none that exists is written over
    #[arg(long, value_name = "FILE")]
    pub(crate) to: PathBuf,
}

/// `weifen inbox restore`
#[derive(Debug, Args)]
pub(crate) struct RestoreArguments {
    /// The backup's file, which stays as it is
    #[arg(long, value_name = "FILE")]
    pub(crate) from: PathBuf,
}

/// `weifen inbox purge`
#[derive(Debug, Args)]
pub(crate) struct PurgeArguments {
    /// Erase what came in, or ended, longer ago: 3600 and 45s are seconds; also 15m, 12h, 30d
    #[arg(long, value_name = "AGE")]
    pub(crate) older_than: String,
}
