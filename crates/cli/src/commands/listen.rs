//! `weifen listen`: posts each delivery to a URL of one's own too, until it is interrupted.

use std::collections::BTreeSet;
use std::process::ExitCode;

use serde::Serialize;
use weifen::inbox::{Change, ChangeKind, Event, IdempotencyKey, Status, Webhook};

use super::inbox::opened;
use super::inbox::tail::Changes;
use super::secret;
use crate::arguments::{Globals, ListenArguments};
use crate::clients::Clients;
use crate::failure::Failure;
use crate::interrupted::interrupted;
use crate::output::{Output, aside, document, write};
use crate::url_argument;

pub(crate) async fn run(arguments: ListenArguments, globals: &Globals, output: Output) -> Result<ExitCode, Failure> {
    let url = url_argument::without_password("--forward-to", arguments.forward_to)?;
    let clients = Clients::with_database(globals, arguments.database)?;
    let config = clients.config();
    let key: [u8; 32] = rand::random();
    let webhook = Webhook::new(&url, key.to_vec().into(), clients.transport(config.http.body_cap)?)
        .map_err(|_| Failure::usage("--forward-to: expected a URL such as http://localhost:9000/events"))?;
    let mut listening = Listening { webhook, forwarded: BTreeSet::new(), output };
    let ended = interrupted();
    opened::existing(config, async |inbox| {
        let mut changes = Changes::from_now(inbox).await?;
        aside(&format!("the secret of this run, which signs the forwarded events: {}", secret::for_deliveries(&key)));
        aside(&format!("waiting for events in {}; Ctrl-C ends it", inbox.database()));
        tokio::select! {
            outcome = listening.forward(&mut changes) => outcome,
            ended = ended => ended,
        }?;
        Ok(ExitCode::SUCCESS)
    })
    .await
}

struct Listening {
    webhook: Webhook,
    /// Numbers of the events that were forwarded.
    forwarded: BTreeSet<i64>,
    output: Output,
}

/// What became of an event here. Absent fields are left out.
#[derive(Serialize)]
struct Line<'a> {
    id: i64,
    webhook_id: &'a IdempotencyKey,
    /// False for an event that is held: it is no delivery before it is released.
    forwarded: bool,
    /// The status of the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    http_status: Option<u16>,
    /// Why there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl Listening {
    /// Forwards each event once, one after the other; returns when stdout's reader is gone.
    async fn forward(&mut self, changes: &mut Changes) -> Result<(), Failure> {
        loop {
            for Change { kind, event, .. } in changes.next().await? {
                // One that is held is delivered later, after its release; so is one that came in before.
                let is_delivery = match kind {
                    ChangeKind::Received => event.status != Status::Held,
                    _ => kind != ChangeKind::Held && !self.forwarded.contains(&event.id),
                };
                if (is_delivery || kind == ChangeKind::Held) && !self.tell(&event, is_delivery).await? {
                    return Ok(());
                }
            }
        }
    }

    /// Forwards an event where it is a delivery, and writes a line; false where stdout's reader is gone.
    async fn tell(&mut self, event: &Event, is_delivery: bool) -> Result<bool, Failure> {
        let mut line = Line { id: event.id, webhook_id: &event.key, forwarded: false, http_status: None, error: None };
        if is_delivery && let Some(delivery) = event.as_delivery() {
            self.forwarded.insert(event.id);
            line.forwarded = true;
            match self.webhook.post(&delivery, &event.key).await {
                Ok(status) => line.http_status = Some(status.as_u16()),
                Err(error) => line.error = Some(error.to_string()),
            }
        }
        let text = match self.output {
            Output::Json => document(&line)?,
            Output::People(_) => line.in_words(),
        };
        write(&[&text, "\n"])
    }
}

impl Line<'_> {
    fn in_words(&self) -> String {
        let outcome = match (self.http_status, &self.error) {
            (Some(status), _) => format!("HTTP {status}"),
            (None, Some(error)) => error.clone(),
            (None, None) => "held, and not forwarded".to_owned(),
        };
        format!("{}  {}  {outcome}", self.id, self.webhook_id)
    }
}
