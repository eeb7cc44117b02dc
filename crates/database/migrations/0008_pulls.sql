-- The claims whose failure was acknowledged by hand, by the names of their leases, with spaces between: the same
-- acknowledgement may come again.
ALTER TABLE events ADD COLUMN nacks TEXT;
-- Who hands out events, as the server that began last has it: 'handler' to a handler or a URL, 'pull' to whoever claims them.
ALTER TABLE deliveries ADD COLUMN mode TEXT;
