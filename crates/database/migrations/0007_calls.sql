-- A row for each idempotency key of a caller of the HTTP API. Times are milliseconds since 1970, by the database's clock.
CREATE TABLE calls (
    -- Counts them in the order in which they were first begun.
    number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- A digest of caller and key.
    digest BYTEA NOT NULL UNIQUE,
    caller TEXT NOT NULL,
    -- The key itself. It is erased with the answer.
    idempotency_key TEXT,
    operation TEXT NOT NULL,
    -- A keyed digest of the request.
    fingerprint BYTEA NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('begun', 'done', 'refused', 'unknown', 'free')),
    -- The run of a server that began it last, and how often it was begun. Nobody else writes its end.
    sender TEXT NOT NULL,
    attempt BIGINT NOT NULL,
    began_at BIGINT NOT NULL,
    -- Nothing is sent from then on, and a call that is still begun is unknown.
    deadline BIGINT NOT NULL,
    ended_at BIGINT,
    -- The answer is not given again from then on.
    kept_until BIGINT NOT NULL,
    -- HTTP status and JSON of the answer; NULL where there is none, and once it is erased.
    status BIGINT,
    answer TEXT
);
CREATE INDEX calls_of_caller ON calls (caller, number);
CREATE INDEX calls_unknown ON calls (caller, number) WHERE outcome IN ('begun', 'unknown');
CREATE INDEX calls_kept ON calls (kept_until) WHERE idempotency_key IS NOT NULL;
