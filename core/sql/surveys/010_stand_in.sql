-- Whose address nobody knew when that person opted out is told apart from an address, for whoever asks what is held.
ALTER TABLE recipient ADD COLUMN stand_in INTEGER NOT NULL DEFAULT 0; -- 1: no address; stands for each one that turns out to be of whoever the identifiers name
