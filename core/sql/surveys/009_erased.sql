-- References of a hand-off whose person was erased: the vendor must still be told not to contact them.
-- Kept: until the hand-off's file is deleted; a reference leads to no person here.
-- Access: none: it leads to no person.
CREATE TABLE erased_reference (
    reference TEXT PRIMARY KEY,            -- as in the hand-off
    disclosure INTEGER NOT NULL REFERENCES disclosure
) STRICT, WITHOUT ROWID;
