-- The rights of the persons whose cases these are, and the end of the data. All hashes of identifiers are under the
-- objection key, which never rotates: who objected is recognised for ever, though nothing tells who it is.

-- Who claimed a right: objected, had everything erased, took back the consent to the recording of calls. Of each claim the
-- instant of the latest; NULL: never.
-- Kept: an objection, a refusal and an opt-out for ever, for they outlive erasure; an erasure, and a consent given again, a year.
-- Access: `claims`
CREATE TABLE claimant (
    claimant INTEGER PRIMARY KEY,
    objected_at INTEGER,                   -- no case enters
    withdrawn_at INTEGER,                  -- the objection is withdrawn: while this is later, cases closed after its day may
                                           -- enter; those closed before stay away
    erased_at INTEGER,                     -- cases closed until that day stay away
    refused_at INTEGER,                    -- what is bound to the consent to recordings is blank in all cases
    allowed_at INTEGER                     -- the consent is given again: while this is later, only in those closed until its day
) STRICT;

-- By what claimants are recognised: the identifier that they named and all that ever belonged together with it.
-- Kept: as long as the claimant; set aside: for ever.
-- Access: `claims`
CREATE TABLE claimant_identifier (
    hash BLOB PRIMARY KEY,                 -- 16 bytes: keyed hash of kind and identifier
    kind INTEGER NOT NULL,                 -- identifier_kind.kind
    claimant INTEGER REFERENCES claimant ON DELETE CASCADE, -- NULL: set aside, it would join too many persons and bars nobody
    bound INTEGER NOT NULL                 -- 1: the identifier of a claim, or known to belong together with it at that
                                           -- time; 0: seen together with such a one later; 2: as 1,
                                           -- but set aside since: bars what carries it, and spreads to nothing else
) STRICT, WITHOUT ROWID;
CREATE INDEX claimant_identifier_claimant ON claimant_identifier (claimant);

-- Which of them were ever seen in one row, each pair both ways; as identifier_link.
-- Kept: as long as the identifiers.
-- Access: `claims`, all that belong together.
CREATE TABLE claimant_link (
    hash BLOB NOT NULL,                    -- claimant_identifier.hash
    kind INTEGER NOT NULL,                 -- of the partner
    partner BLOB NOT NULL,                 -- claimant_identifier.hash
    PRIMARY KEY (hash, kind, partner)
) STRICT, WITHOUT ROWID;

-- Open obligations and legal reasons: what is held is kept beyond its term, but out of statistics and surveys.
-- Kept: until it is released and a year has passed.
-- Access: `holds`
CREATE TABLE hold (
    hash BLOB NOT NULL,                    -- case_key.case_key, or the keyed hash of an identifier of the person
    reason TEXT NOT NULL,                  -- as given; names no person
    of_case INTEGER NOT NULL,              -- 1: a case, 0: a person with all cases
    held_at INTEGER,                       -- instant of the latest hold for this reason, NULL: only a release is known
    released_at INTEGER,                   -- instant of the latest release; the hold is in force unless it is later
    PRIMARY KEY (hash, reason)
) STRICT, WITHOUT ROWID;

-- Persons that may have lost their last case; looked at, and forgotten with all their identifiers, by the next retention.
-- Kept: until the next night.
-- Access: `identifiers`, which stand until it is looked at.
CREATE TABLE person_check (
    person INTEGER PRIMARY KEY
) STRICT;

-- Which subject events were applied, so that an id is not used for two, and the same event counts once however late it comes again:
-- also when a release, a consent or an erasure that was later is forgotten.
-- Kept: for ever.
-- Access: none: the hash of an id leads to no person.
CREATE TABLE subject_event (
    event BLOB PRIMARY KEY,                -- 16 bytes: keyed hash of its id
    digest BLOB NOT NULL,                  -- keyed hash of what it says
    recorded_day INTEGER NOT NULL          -- local day
) STRICT, WITHOUT ROWID;

-- Acts that span this database and surveys.db: written here with the first half, removed when the second is done. What a
-- killed run left is done first by the next.
-- Kept: until the second half is done, in the same run as a rule.
-- Access: none: done before anything else is.
CREATE TABLE subject_journal (
    number INTEGER PRIMARY KEY,
    epoch INTEGER NOT NULL,                -- of the objection key
    sealed BLOB NOT NULL                   -- the event, encrypted under a key that is derived from the objection key
) STRICT;

CREATE INDEX case_key_expires ON case_key (expires) WHERE expires IS NOT NULL;
