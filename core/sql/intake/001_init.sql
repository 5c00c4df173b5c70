-- intake.db: what the survey page takes in until the night moves it on. The page (`fallzahl serve`) opens this database and no other. An
-- answer stands here sealed to a public key: the page that wrote it cannot read it, only the batch can.

-- The public halves of the pairs that answers are sealed to; the private ones follow from the token key.
-- Kept: as long as the epoch of the token key; no personal data.
CREATE TABLE seal (
    epoch INTEGER PRIMARY KEY,             -- of the token key
    public_key BLOB NOT NULL               -- X25519
) STRICT;

-- A link that was sent: all that the page knows of an invitation, or of an opt-in that waits for its confirmation.
-- Kept: until its invitation is deleted; to confirm: a year after it expired.
-- Access: `recipients.links`
CREATE TABLE ticket (
    token_hash BLOB PRIMARY KEY,           -- as in surveys.db
    kind TEXT NOT NULL CHECK (kind IN ('answer', 'confirm')),
    survey TEXT NOT NULL,                  -- for 'confirm' a survey that gives the texts, or empty
    controller TEXT NOT NULL,
    wave INTEGER NOT NULL,
    language TEXT NOT NULL,
    segment TEXT NOT NULL,                 -- JSON of the coarse segment values that the survey names
    anonymous INTEGER NOT NULL,            -- fixed before the first message
    expires_at INTEGER NOT NULL,
    finished INTEGER NOT NULL DEFAULT 0,   -- 1: the one answer was given
    opted_out INTEGER NOT NULL DEFAULT 0,
    confirmed INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- A response that was saved half-way: sealed under a key of the token and of a secret that stands only in the address that the page had then.
-- Kept: until the answer is sent, at the longest until the link expires; what was not sent is never used.
-- Access: `recipients.links`, that there is one; only that address opens it.
CREATE TABLE partial (
    token_hash BLOB PRIMARY KEY REFERENCES ticket ON DELETE CASCADE,
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Finished answers that wait for their batch, in the order of random numbers, without the time.
-- Kept: until k or more of one survey, wave and segment wait; at the survey's end fewer than k are deleted.
-- Access: `recipients.waiting`; an anonymous one leads to no person.
CREATE TABLE waiting (
    waiting INTEGER PRIMARY KEY,           -- random
    survey TEXT NOT NULL,
    wave INTEGER NOT NULL,
    segment TEXT NOT NULL,
    token_hash BLOB UNIQUE,                -- of confidential surveys only
    epoch INTEGER NOT NULL,
    sealed BLOB NOT NULL                   -- the answers, padded, as a sealed box (libsodium)
) STRICT;

-- Clicks on the page that concern consent, until they stand in the ledger of surveys.db.
-- Kept: until the next night or sending.
-- Access: `recipients.clicks`
CREATE TABLE act (
    token_hash BLOB NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('opt_out', 'confirm')),
    occurred_at INTEGER NOT NULL,
    PRIMARY KEY (token_hash, kind)
) STRICT, WITHOUT ROWID;
