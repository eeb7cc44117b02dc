-- The pushes that are to be expected: one row for each QR code that was given out.
CREATE TABLE bookings (
    -- As in events.
    follow BYTEA NOT NULL,
    device_key TEXT NOT NULL,
    -- A digest of the state that must come back; empty where none was sent along.
    state_digest BYTEA NOT NULL,
    booked_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    -- Whom and what it is about.
    auth_open_id TEXT NOT NULL,
    appid TEXT NOT NULL,
    PRIMARY KEY (follow, device_key, state_digest)
);

CREATE INDEX bookings_end ON bookings (ends_at);

-- Written to when someone asks whether the inbox can be written to.
CREATE TABLE probe (
    id BIGINT PRIMARY KEY,
    written_at BIGINT NOT NULL
);
