-- Who stores pushes, and its last attempt, written in the transaction that stores them: after a lost connection it is
-- known whether the attempt was committed. One row for each time that a server was started.
CREATE TABLE writers (
    name TEXT PRIMARY KEY,
    attempt BIGINT NOT NULL,
    written_at BIGINT NOT NULL
);

-- A name of what came, by which it is stored once though it is tried twice; absent before this step.
ALTER TABLE quarantine ADD COLUMN arrival TEXT;
CREATE UNIQUE INDEX quarantine_arrival ON quarantine (arrival);
