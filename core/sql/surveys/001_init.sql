-- surveys.db: who may be asked, who was asked. Only the batch user opens it. Contact data stands here only for people with a
-- valid opt-in, encrypted field by field under the contact key, and only while a survey can still use it.

-- A recipient is one address on one channel: two contacts with one address are one recipient. Where somebody opted out whose address was
-- not known, it is a place holder of none.
-- Kept: as long as a consent event, a bounce or an invitation names it.
-- Access: `recipients`
CREATE TABLE recipient (
    recipient INTEGER PRIMARY KEY,
    address_hash BLOB NOT NULL UNIQUE,     -- keyed hash of channel and normalised address, of a place holder: of the identifier (objection key): survives the contact
    channel TEXT NOT NULL CHECK (channel IN ('email', 'phone', 'chat', 'social'))
) STRICT;

-- By which identifiers a recipient is known, as keyed hashes (objection key, a domain of its own, so that they match nothing in
-- cases.db): recipients that share one are the same person for frequency caps and objections. Outlives the contact.
-- Kept: as long as the recipient.
-- Access: `recipients.known_by`
CREATE TABLE recipient_identifier (
    hash BLOB NOT NULL,
    recipient INTEGER NOT NULL REFERENCES recipient,
    PRIMARY KEY (hash, recipient)
) STRICT, WITHOUT ROWID;
CREATE INDEX recipient_identifier_recipient ON recipient_identifier (recipient);

-- Kept: until `usable_until`, an opt-out or an objection.
-- Access: `recipients.contacts`
CREATE TABLE contact (
    recipient INTEGER NOT NULL REFERENCES recipient,
    controller TEXT NOT NULL,
    sealed BLOB NOT NULL,                  -- JSON {address, identifiers: [{kind, normalised}]}, encrypted
    key_epoch INTEGER NOT NULL,
    language TEXT,                         -- BCP 47
    country TEXT,                          -- ISO 3166
    timezone TEXT,                         -- IANA; NULL: the country's
    updated_at INTEGER NOT NULL,
    usable_until INTEGER,                  -- local day after which no survey can use it
    PRIMARY KEY (recipient, controller)
) STRICT, WITHOUT ROWID;

-- Append-only. A later event never overwrites an earlier one; occurred_at decides which one is in force.
-- Kept: as proof of consent, while surveys are sent and as long as claims may be made afterwards.
-- Access: `recipients.consents`
CREATE TABLE consent_event (
    event INTEGER PRIMARY KEY,
    recipient INTEGER NOT NULL REFERENCES recipient,
    controller TEXT NOT NULL,              -- '*': all of the group (objections)
    purpose TEXT NOT NULL,                 -- '*': all
    kind TEXT NOT NULL CHECK (kind IN ('opt_in', 'opt_in_requested', 'opt_out', 'objection', 'objection_withdrawn')),
    text_version TEXT,                     -- of the text that was shown
    origin TEXT NOT NULL,                  -- file, page, request, bounce …
    occurred_at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    evidence_hash BLOB,
    event_digest BLOB NOT NULL UNIQUE      -- of the event itself: applying a file twice changes nothing
) STRICT;
CREATE INDEX consent_event_recipient ON consent_event (recipient, controller, purpose, occurred_at);
CREATE TRIGGER consent_event_no_update BEFORE UPDATE ON consent_event
BEGIN SELECT raise(ABORT, 'the consent ledger is append-only'); END;

-- Kept: as long as the recipient.
-- Access: `recipients.bounces`
CREATE TABLE bounce (
    bounce INTEGER PRIMARY KEY,
    recipient INTEGER NOT NULL REFERENCES recipient,
    kind TEXT NOT NULL CHECK (kind IN ('hard', 'soft', 'full', 'complaint')),
    occurred_at INTEGER NOT NULL,
    digest BLOB NOT NULL UNIQUE
) STRICT;

-- Kept: while the workspace exists; no personal data but who planned and approved.
CREATE TABLE survey_plan (
    plan INTEGER PRIMARY KEY,
    survey TEXT NOT NULL,
    wave INTEGER NOT NULL,
    planned_at INTEGER NOT NULL,
    planned_by TEXT NOT NULL,              -- Unix user or owner of the request
    plan_hash BLOB NOT NULL UNIQUE,        -- of file, planner and instant: it says nothing of the audience
    audience_digest BLOB NOT NULL,
    questions_digest BLOB NOT NULL,
    anonymity TEXT NOT NULL,
    approved_at INTEGER,
    approved_by TEXT,
    halted_at INTEGER,
    halted_by TEXT
) STRICT;

-- The frozen audience: recipients, not persons of cases.db.
-- Kept: a year, longer where there is an invitation.
-- Access: `recipients.plans`
CREATE TABLE plan_recipient (
    plan INTEGER NOT NULL REFERENCES survey_plan,
    recipient INTEGER NOT NULL REFERENCES recipient,
    case_hash BLOB NOT NULL,               -- keyed hash of the case (token key): asked once per case
    language TEXT NOT NULL,
    segment TEXT NOT NULL,                 -- JSON of the coarse segment values that the survey names
    holdout INTEGER NOT NULL DEFAULT 0,    -- 1: never asked, for comparison
    PRIMARY KEY (plan, recipient)
) STRICT, WITHOUT ROWID;

-- Kept: a year, longer while its token is valid or a frequency cap counts it.
-- Access: `recipients.invitations`
CREATE TABLE invitation (
    invitation INTEGER PRIMARY KEY,
    plan INTEGER NOT NULL REFERENCES survey_plan,
    survey TEXT NOT NULL,
    wave INTEGER NOT NULL,
    recipient INTEGER NOT NULL REFERENCES recipient,
    case_hash BLOB NOT NULL,               -- as in plan_recipient
    token_hash BLOB NOT NULL UNIQUE,       -- of the token; the token itself is derived from the token key
    key_epoch INTEGER NOT NULL,
    reserved_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    reminders INTEGER NOT NULL DEFAULT 0,
    state TEXT NOT NULL CHECK (state IN ('reserved', 'spooled', 'sent', 'uncertain', 'failed', 'pulled', 'answered', 'expired')),
    decision TEXT NOT NULL,                -- JSON: consent event, suppression state, cap, approver
    UNIQUE (survey, recipient, wave)
) STRICT;

-- Kept: as long as the invitation.
-- Access: `recipients.messages`
CREATE TABLE sending (                     -- every message or hand-off row of an invitation: the first and each reminder
    invitation INTEGER NOT NULL REFERENCES invitation,
    number INTEGER NOT NULL,               -- 0 the invitation, 1.. reminders
    file_name TEXT NOT NULL UNIQUE,        -- deterministic name in the spool
    reserved_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('reserved', 'spooled', 'sent', 'uncertain', 'failed', 'pulled')),
    tries INTEGER NOT NULL DEFAULT 0,
    next_try_at INTEGER,
    reply_class INTEGER,                   -- 2, 4, 5: the first digit of the server's last answer
    disclosure INTEGER REFERENCES disclosure DEFERRABLE INITIALLY DEFERRED, -- of a hand-off's row
    PRIMARY KEY (invitation, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX invitation_recipient ON invitation (recipient);
CREATE INDEX sending_state ON sending (state) WHERE state IN ('spooled', 'uncertain');

-- Kept: while the workspace exists; no personal data.
-- Access: `recipients.messages`, to whom a message was handed.
CREATE TABLE disclosure (                  -- every hand-off to a vendor (P7)
    disclosure INTEGER PRIMARY KEY,
    handed_at INTEGER NOT NULL,
    vendor TEXT NOT NULL,
    survey TEXT NOT NULL,
    fields TEXT NOT NULL,                  -- names of the columns that it holds
    people INTEGER NOT NULL,
    file_name TEXT NOT NULL,
    sha256 BLOB NOT NULL,
    expires_day INTEGER NOT NULL,
    finished INTEGER NOT NULL DEFAULT 0,   -- 1: its manifest was written
    deleted_at INTEGER
) STRICT;
