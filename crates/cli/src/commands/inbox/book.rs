//! `weifen inbox book`: books the push of a QR code that a program in another language gave out.

use weifen::Config;
use weifen::fensi::{AuthOpenId, Fen, InvalidRequest, Reference, check_identifier, check_state};
use weifen::inbox::{Booking, Bookings};

use super::opened;
use crate::arguments::BookArguments;
use crate::duration_argument::duration;
use crate::failure::Failure;
use crate::output::Report;
use crate::stdin::Stdin;
use crate::times::span;
use crate::url_argument;

pub(super) async fn run(arguments: BookArguments, config: &Config) -> Result<Report, Failure> {
    let booking = booking(arguments, config)?;
    opened::for_bookings(config, async |inbox| Ok(inbox.book(&booking).await?)).await?;
    let people = format!("Booked: the push is expected for {}.", span(booking.lasts.as_secs()));
    Report::of("ok", &true, people)
}

fn booking(given: BookArguments, config: &Config) -> Result<Booking, Failure> {
    // No secret is needed, so none is read from stdin.
    let user = Stdin::new(None).value("--auth-open-id", given.auth_open_id)?;
    let (key, appid) = (given.key, given.appid);
    for (option, text) in [("--auth-open-id", &user), ("--key", &key), ("--appid", &appid)] {
        check_identifier(option, text).map_err(|error| wrong(&error))?;
    }
    let user = AuthOpenId::new(user).map_err(|error| wrong(&error))?;
    config.serve.check_device(&key).map_err(|foreign| Failure::usage(format!("--key: {foreign}")))?;
    let state = given.state.map(state).transpose()?;
    let lasts = duration("--ttl", &given.ttl)?;
    let reference = given.reference.map(|text| text.parse::<Reference>()).transpose();
    let reference = reference.map_err(|error| Failure::usage(format!("--reference: {}", error.problem())))?;
    let mut booking = Booking::new(config.fensi.develop_appid()?, user, key, appid, lasts);
    (booking.state, booking.reference, booking.bid) = (state, reference, given.bid.map(Fen));
    Ok(booking)
}

/// Parses a state as a request may carry it, with blanks within.
fn state(text: String) -> Result<String, Failure> {
    let state = url_argument::without_password("--state", text)?;
    check_state("--state", &state).map_err(|error| wrong(&error))?;
    Ok(state)
}

fn wrong(error: &InvalidRequest) -> Failure {
    Failure::usage(error.to_string())
}
