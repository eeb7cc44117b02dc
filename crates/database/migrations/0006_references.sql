-- A booking for each QR code. Before this step a code took the place of the one before it for the same user, account, device
-- and state.
ALTER TABLE bookings RENAME TO older_bookings;
DROP INDEX bookings_end;
CREATE TABLE bookings (
    -- Counts them in the order in which they were made.
    number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- 128 random bits, as hexadecimal text.
    id TEXT NOT NULL UNIQUE,
    -- As in events.
    follow BYTEA NOT NULL,
    device_key TEXT NOT NULL,
    -- A digest of the state that must come back; empty where none was sent along.
    state_digest BYTEA NOT NULL,
    -- The state itself; NULL also where an older version booked it.
    state TEXT,
    booked_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    -- Whom and what it is about.
    auth_open_id TEXT NOT NULL,
    appid TEXT NOT NULL,
    -- The shop's own text.
    reference TEXT,
    -- In fen, as the code's answer told it.
    bid BIGINT
);
INSERT INTO bookings (id, follow, device_key, state_digest, booked_at, ends_at, auth_open_id, appid)
    SELECT replace(CAST(gen_random_uuid() AS TEXT), '-', ''), follow, device_key, state_digest, booked_at, ends_at,
        auth_open_id, appid
    FROM older_bookings ORDER BY booked_at;
DROP TABLE older_bookings;
CREATE INDEX bookings_follow ON bookings (follow);
CREATE INDEX bookings_end ON bookings (ends_at);

-- The booking that asked for its push, as JSON: id, reference, bid and time; `null` where none did. NULL after a purge, and
-- where an older version stored the event: its deliveries say nothing of a booking.
ALTER TABLE events ADD COLUMN booking TEXT;
