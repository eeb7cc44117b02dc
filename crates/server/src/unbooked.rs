//! The warning that nothing is booked.

use std::time::Duration;

use weifen::inbox::Inbox;

/// Time between two warnings.
const PAUSE: Duration = Duration::from_secs(600);

/// Warns again and again, until there is a booking.
pub(crate) async fn warn(inbox: Inbox) {
    while let Ok(false) | Err(_) = inbox.has_bookings().await {
        tracing::warn!(
            "no QR code is booked: every push is unsolicited; book with `weifen fensi qrcode --book` or `weifen \
             inbox book`"
        );
        tokio::time::sleep(PAUSE).await;
    }
}
