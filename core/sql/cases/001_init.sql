-- cases.db: closed cases, pseudonymised. Only the batch user opens it.
-- etl/ writes it; stats/ reads it. Per source there is one more table, made by etl/ from the configuration:
--
--   case_<source>(
--     id INTEGER PRIMARY KEY,  -- person << 24 | running number, so that a scan in key order sees all cases of a person
--                              -- together and a shard is a range of keys. With `person: none` every case has a person
--                              -- number of its own. Negative: no identifier known; all of these count as one person
--     case_key BLOB,           -- keyed hash of the case number (case_key.case_key)
--     file INTEGER,            -- input_file.file that brought this version; of a snapshot: that last held the case
--     closed_day INTEGER,      -- local day of closing, days since 1970-01-01
--     opened_day INTEGER,      -- local day of opening or NULL; only if a dimension needs it
--     held INTEGER,            -- 1 from the anniversary of closing on while a hold covers it: out of statistics
--     released INTEGER,        -- releases.db release that first counted it, or NULL; negative once it has come in another version
--     i_<identifier> INTEGER,  -- per identifier: identifier.identifier that the case carries, or NULL
--     d_<dimension> INTEGER,   -- per category, band, age dimension: dimension_value.code of the leaf, NULL: stored before
--                              -- the dimension was configured; period dimensions have no column (they derive from the days)
--     m_<measure> INTEGER      -- per measure: value × 10^decimals, or NULL
--   ) STRICT
--
-- with an index of the held rows (case_<source>_held).
-- A column whose dimension, measure or identifier leaves the configuration is dropped.

-- Kept: while the workspace exists; no personal data.
CREATE TABLE source (
    source INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,             -- as in the configuration
    personal INTEGER NOT NULL CHECK (personal IN (0, 1)), -- 0: declared personal_data: none, kept without a term
    per_case INTEGER NOT NULL CHECK (per_case IN (0, 1))  -- 1: `person: none`, each case stands for one person
) STRICT;

-- Kept: while the workspace exists; no personal data.
CREATE TABLE dimension (
    dimension INTEGER PRIMARY KEY,
    source INTEGER NOT NULL REFERENCES source,
    name TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('category', 'band', 'age', 'period')),
    levels INTEGER NOT NULL,               -- depth of its hierarchy, 1 for a flat one
    version INTEGER NOT NULL DEFAULT 1,
    definition BLOB NOT NULL,              -- digest of the mapping that makes the values; a change is a new version
    active INTEGER NOT NULL DEFAULT 1,     -- 0: no longer configured; the row stays for its version
    UNIQUE (source, name)
) STRICT;

-- Dictionary. A code is never used again for another value. Leaves are at level = dimension.levels.
-- Kept: as long as a case has the value; named values while the workspace exists.
-- Access: `cases`, what the person's cases have of it.
CREATE TABLE dimension_value (
    code INTEGER PRIMARY KEY,
    dimension INTEGER NOT NULL REFERENCES dimension,
    parent INTEGER REFERENCES dimension_value,  -- the value one level up, NULL at level 1
    level INTEGER NOT NULL,                -- 1 outermost
    label TEXT NOT NULL,
    position INTEGER,                      -- order of bands; NULL: by label
    named INTEGER NOT NULL DEFAULT 0       -- 1: the configuration names it, so the label may be published
) STRICT;
CREATE UNIQUE INDEX dimension_value_label ON dimension_value (dimension, coalesce(parent, 0), label);
CREATE INDEX dimension_value_parent ON dimension_value (parent);

-- Kept: while the workspace exists; no personal data.
CREATE TABLE measure (
    measure INTEGER PRIMARY KEY,
    source INTEGER NOT NULL REFERENCES source,
    name TEXT NOT NULL,
    unit TEXT,
    decimals INTEGER NOT NULL,
    lowest INTEGER,                        -- valid range × 10^decimals, or NULL
    highest INTEGER,
    score INTEGER NOT NULL DEFAULT 0,      -- 1: a bounded score
    UNIQUE (source, name)
) STRICT;

-- One row per file that was committed. The digest makes reading a file twice change nothing.
-- Kept: while the workspace exists; name (as it was given), size and keyed digest of a file, no row of it.
-- Access: `cases`, by which file a case came.
CREATE TABLE input_file (
    file INTEGER PRIMARY KEY,              -- also the sequence that decides between versions of a case
    source INTEGER NOT NULL REFERENCES source,
    digest BLOB NOT NULL,                  -- keyed BLAKE2b-256 of the bytes
    bytes INTEGER NOT NULL,                -- size on disk
    name TEXT NOT NULL,
    accepted_at INTEGER NOT NULL,          -- instant
    covers_from INTEGER,                   -- first and last local day of closing in it
    covers_to INTEGER,
    counts TEXT NOT NULL,                  -- JSON: rows read, stored, updated, quarantined, dropped columns …
    UNIQUE (source, digest)
) STRICT;

-- Last numbers given, so that none is given twice: 'person' (1 .. 2^38), 'identifier', 'code'.
-- Kept: while the workspace exists; no personal data.
CREATE TABLE counter (
    name TEXT PRIMARY KEY,
    last INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO counter VALUES ('person', 0), ('identifier', 0), ('code', 0);

-- Who is known by what. A person is a number and exists as long as it has a case.
-- Kept: as long as its person has a case, under a key that was followed by another a year ago as long as a stored case carries it or a
-- hold names it; set aside: a year after the latest case.
-- Access: `identifiers`
CREATE TABLE identifier (
    pseudonym BLOB PRIMARY KEY,            -- 16 bytes: keyed hash of kind and identifier, analytics key of the epoch
    kind INTEGER NOT NULL,                 -- identifier_kind.kind
    identifier INTEGER NOT NULL,           -- its number, which does not change when the key does
    epoch INTEGER NOT NULL,                -- of the analytics key
    person INTEGER,                        -- NULL: set aside, it would join too many persons
    objection BLOB NOT NULL,               -- its hash under the objection key, masked with the analytics key of the epoch:
                                           -- an objection by one identifier bars all that belong to the person
    last_day INTEGER                       -- set aside: latest closing of a case that carried it
) STRICT, WITHOUT ROWID;
CREATE INDEX identifier_person ON identifier (person);

-- Kept: while the workspace exists; no personal data.
CREATE TABLE identifier_kind (
    kind INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE              -- email, phone, id:<name in the configuration>
) STRICT;

-- Which identifiers were ever seen in one row, each pair both ways. From it a merge is undone when an identifier turns
-- out to join too many persons. An identifier that is set aside gets no further row of its own.
-- Kept: as long as the identifiers.
-- Access: `identifiers`, all that belong together.
CREATE TABLE identifier_link (
    identifier INTEGER NOT NULL,           -- identifier.identifier
    kind INTEGER NOT NULL,                 -- of the partner
    partner INTEGER NOT NULL,              -- identifier.identifier
    PRIMARY KEY (identifier, kind, partner)
) STRICT, WITHOUT ROWID;

-- Which version of a case is the newest. A case that left (reopened, gone from a snapshot, erased) keeps its row as a
-- tombstone (id NULL) so that an older version that arrives late does not bring it back.
-- Kept: as long as the case; a tombstone until its `expires`.
-- Access: `cases`; a tombstone leads to no person.
CREATE TABLE case_key (
    case_key BLOB PRIMARY KEY,             -- 16 bytes; keyed hash over source and case number
    source INTEGER NOT NULL,               -- source.source
    id INTEGER,                            -- case_<source>.id, NULL for a tombstone
    version INTEGER NOT NULL,              -- updated_at (instant) or the file sequence
    expires INTEGER,                       -- tombstone: local day from which it is deleted
    barred INTEGER NOT NULL DEFAULT 0      -- tombstone: 1 if its person objected or had it erased: nothing brings it back that
                                           -- does not say whose it is
) STRICT, WITHOUT ROWID;

-- What the keys are that this store was made with, so that another key is never used by mistake.
-- Kept: as long as the key is in use; no personal data.
CREATE TABLE store_key (
    purpose TEXT NOT NULL,                 -- as in the keyring
    epoch INTEGER NOT NULL,
    fingerprint BLOB NOT NULL,             -- keyed hash of a constant
    PRIMARY KEY (purpose, epoch)
) STRICT, WITHOUT ROWID;
