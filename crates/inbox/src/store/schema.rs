//! The tables, from the first version to this one.

use crate::database::Migrations;

pub(super) const MIGRATIONS: Migrations = Migrations(&[
    (1, "events", include_str!("../../migrations/0001_events.sql")),
    (2, "bookings", include_str!("../../migrations/0002_bookings.sql")),
    (3, "quarantine content type", include_str!("../../migrations/0003_quarantine_content_type.sql")),
    (4, "deliveries", include_str!("../../migrations/0004_deliveries.sql")),
    (5, "arrivals", include_str!("../../migrations/0005_arrivals.sql")),
    (6, "references", include_str!("../../migrations/0006_references.sql")),
]);
