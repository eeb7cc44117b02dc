-- The columns that events are found by. They are NULL in events of an older version until someone looks for an event by one of
-- them. A purge empties all but webhook_id.
ALTER TABLE events ADD COLUMN webhook_id TEXT;
ALTER TABLE events ADD COLUMN auth_open_id TEXT;
ALTER TABLE events ADD COLUMN appid TEXT;
ALTER TABLE events ADD COLUMN reference TEXT;
CREATE INDEX events_webhook_id ON events (webhook_id) WHERE webhook_id IS NOT NULL;
CREATE INDEX events_auth_open_id ON events (auth_open_id, id) WHERE auth_open_id IS NOT NULL;
CREATE INDEX events_reference ON events (reference, id) WHERE reference IS NOT NULL;
-- Devices and accounts are few: a search for one of them scans this index.
CREATE INDEX events_received ON events (received_at, device_key, appid);
CREATE INDEX events_settled ON events (settled_at) WHERE settled_at IS NOT NULL;
CREATE INDEX events_undescribed ON events (id) WHERE webhook_id IS NULL;
