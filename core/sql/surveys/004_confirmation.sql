-- Double opt-in: who asked to be asked gets one message with a link to confirm it, and none other before the click.

-- Kept: as long as the recipient, so that nobody is flooded with them; an erasure deletes it.
-- Access: `recipients.confirmations`
CREATE TABLE confirmation (
    confirmation INTEGER PRIMARY KEY,      -- follows from controller, purpose, recipient and request
    recipient INTEGER NOT NULL REFERENCES recipient ON DELETE CASCADE,
    controller TEXT NOT NULL,
    survey TEXT NOT NULL,                  -- by which it was sent
    wave INTEGER NOT NULL,
    language TEXT NOT NULL,
    event INTEGER NOT NULL,                -- the consent event that waits for the click
    token_hash BLOB NOT NULL UNIQUE,
    key_epoch INTEGER NOT NULL,
    file_name TEXT NOT NULL UNIQUE,        -- deterministic name in the spool
    reserved_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('reserved', 'spooled', 'sent', 'uncertain', 'failed', 'pulled')),
    tries INTEGER NOT NULL DEFAULT 0,
    next_try_at INTEGER,
    reply_class INTEGER                    -- as in sending
) STRICT;
CREATE INDEX confirmation_recipient ON confirmation (recipient);
