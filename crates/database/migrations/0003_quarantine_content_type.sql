-- The Content-Type that came with the bytes; absent where there was none, and before this step.
ALTER TABLE quarantine ADD COLUMN content_type TEXT;
