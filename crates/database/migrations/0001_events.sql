-- One row for each follow that is to be paid once, for good. Times are milliseconds since 1970.
CREATE TABLE events (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- What makes two pushes the same follow: a digest of develop_appid, appid and auth_open_id.
    follow BYTEA NOT NULL,
    -- What makes them two all the same: a digest of the state where each state is paid, else empty.
    slot BYTEA NOT NULL,
    -- A digest of the push's state, whether it counts or not; empty where there was none.
    state_digest BYTEA NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending', 'held', 'delivered', 'dead')),
    -- Why it is or was held.
    reason TEXT,
    received_at BIGINT NOT NULL,
    -- While it is pending: when a worker may take it.
    due_at BIGINT,
    attempts BIGINT NOT NULL DEFAULT 0,
    -- Counts the claims and what became of them. A worker that was overtaken holds an older number.
    fence BIGINT NOT NULL DEFAULT 0,
    settled_at BIGINT,
    last_failure TEXT,
    duplicates BIGINT NOT NULL DEFAULT 0,
    duplicated_at BIGINT,
    -- The push as it was received; a purge takes it away.
    raw BYTEA,
    UNIQUE (follow, slot)
);

-- What was never handed out, and what was: workers ask for the one and for the other.
CREATE INDEX events_fresh ON events (due_at) WHERE due_at IS NOT NULL AND attempts = 0;
CREATE INDEX events_again ON events (due_at) WHERE due_at IS NOT NULL AND attempts > 0;
CREATE INDEX events_waiting_for_people ON events (status, id) WHERE status IN ('held', 'dead');

-- What came and is no push of ours, or none that can be understood.
CREATE TABLE quarantine (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    received_at BIGINT NOT NULL,
    reason TEXT NOT NULL,
    raw BYTEA NOT NULL
);
