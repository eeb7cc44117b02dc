-- In which order an event is handed out. One that is new is due at once, whatever a wrong clock wrote into due_at; one
-- that is waiting, after a failure, a release or a redrive, may go before due_at once its receiver is well again; one that
-- is kept may not: a worker has it, or its receiver asked for the wait.
ALTER TABLE events ADD COLUMN queue TEXT NOT NULL DEFAULT 'new' CHECK (queue IN ('new', 'waiting', 'kept'));
-- While it is pending: from when on its wait counts, which is its receipt, its release or its redrive.
ALTER TABLE events ADD COLUMN waits_since BIGINT;
-- When it was claimed last, and for how many milliseconds it has failed by then.
ALTER TABLE events ADD COLUMN tried_at BIGINT;
ALTER TABLE events ADD COLUMN failing_ms BIGINT NOT NULL DEFAULT 0;
-- How many claims in a row ended without an outcome.
ALTER TABLE events ADD COLUMN silent BIGINT NOT NULL DEFAULT 0;
-- The device of its push. NULL after a purge, and where an older version stored it, until a filter asks for it.
ALTER TABLE events ADD COLUMN device_key TEXT;

UPDATE events SET queue = 'waiting' WHERE due_at IS NOT NULL AND attempts > 0;
UPDATE events SET waits_since = received_at WHERE due_at IS NOT NULL;

DROP INDEX events_fresh;
DROP INDEX events_again;
CREATE INDEX events_new ON events (id) WHERE due_at IS NOT NULL AND queue = 'new';
CREATE INDEX events_waiting ON events (due_at) WHERE due_at IS NOT NULL AND queue = 'waiting';
CREATE INDEX events_kept ON events (due_at) WHERE due_at IS NOT NULL AND queue = 'kept';
CREATE INDEX events_since ON events (waits_since) WHERE due_at IS NOT NULL;

-- As much as an ordinary push takes, so that a disk on which only less fits counts as full.
ALTER TABLE probe ADD COLUMN filler BYTEA;

-- Whether deliveries are paused: while paused_in is the number of resumptions so far.
CREATE TABLE deliveries (
    id BIGINT PRIMARY KEY,
    resumptions BIGINT NOT NULL,
    paused_in BIGINT
);
INSERT INTO deliveries (id, resumptions) VALUES (1, 0);
