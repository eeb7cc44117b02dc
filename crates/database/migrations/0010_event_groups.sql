-- Indexes of texts in no order: with all events in one, each push writes a page of each. Each group of 1024 events has a part of
-- its own: a push writes to the newest one, which is a few pages, and a search looks into every part.
DROP INDEX events_webhook_id;
DROP INDEX events_auth_open_id;
DROP INDEX events_reference;
CREATE INDEX events_webhook_id ON events ((id / 1024), webhook_id);
CREATE INDEX events_auth_open_id ON events ((id / 1024), auth_open_id) WHERE auth_open_id IS NOT NULL;
CREATE INDEX events_reference ON events ((id / 1024), reference) WHERE reference IS NOT NULL;
