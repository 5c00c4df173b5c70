-- cases.db: closed cases, pseudonymised. Only the batch user opens it.
-- etl/ writes it; stats/ reads it. Per source there is one more table, made by etl/ from the configuration:
--
--   case_<source>(
--     id INTEGER PRIMARY KEY,  -- person << 24 | running number, so that a scan in key order sees all cases of a person
--                              -- together and a shard is a range of keys; negative: no identifier known (all of
--                              -- these count as one person), or `person: none`: person = the case itself
--     case_key BLOB,           -- keyed hash of the case number (case_key.case_key)
--     file INTEGER,            -- input_file.file that brought this version
--     closed_day INTEGER,      -- local day of closing, days since 1970-01-01
--     opened_day INTEGER,      -- local day of opening or NULL; only if a dimension needs it
--     held INTEGER,            -- 1 from the anniversary of closing on while a hold covers it: out of statistics
--     released INTEGER,        -- releases.db release that first counted it, or NULL
--     d_<dimension> INTEGER,   -- per category, band, age dimension: dimension_value.code of the leaf; period
--                              -- dimensions have no column (they derive from the days)
--     m_<measure> INTEGER      -- per measure: value × 10^decimals, or NULL
--   ) STRICT

CREATE TABLE source (
    source INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,             -- as in the configuration
    personal INTEGER NOT NULL CHECK (personal IN (0, 1))  -- 0: declared personal_data: none, each case stands for one
) STRICT;

CREATE TABLE dimension (
    dimension INTEGER PRIMARY KEY,
    source INTEGER NOT NULL REFERENCES source,
    name TEXT NOT NULL,
    levels INTEGER NOT NULL,               -- depth of its hierarchy, 1 for a flat one
    version INTEGER NOT NULL DEFAULT 1,
    definition BLOB,                       -- digest of the mapping that made the values; a change is a new version
    UNIQUE (source, name)
) STRICT;

-- Dictionary. A code is never used again for another value. Leaves are at level = dimension.levels.
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
CREATE TABLE input_file (
    file INTEGER PRIMARY KEY,              -- also the sequence that decides between versions of a case
    source INTEGER NOT NULL REFERENCES source,
    digest BLOB NOT NULL,                  -- keyed BLAKE2b-256 of the bytes
    name TEXT NOT NULL,
    accepted_at INTEGER NOT NULL,          -- instant
    covers_from INTEGER,                   -- first and last local day of closing in it
    covers_to INTEGER,
    counts TEXT NOT NULL,                  -- JSON: rows read, stored, updated, quarantined, dropped columns …
    UNIQUE (source, digest)
) STRICT;

CREATE TABLE person (
    person INTEGER PRIMARY KEY,            -- surrogate, 1 .. 2^38
    last_case INTEGER NOT NULL DEFAULT 0,  -- last running number given to a case of this person
    last_seen INTEGER                      -- local day of the latest closing
) STRICT;

CREATE TABLE identifier (
    pseudonym BLOB NOT NULL,               -- 16 bytes
    kind INTEGER NOT NULL REFERENCES identifier_kind,
    epoch INTEGER NOT NULL,                -- of the analytics key
    person INTEGER REFERENCES person,      -- NULL: set aside, it would have joined too many persons
    PRIMARY KEY (pseudonym, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX identifier_person ON identifier (person);

CREATE TABLE identifier_kind (
    kind INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE              -- email, phone, id:<name in the configuration>
) STRICT;

-- Which version of a case is the newest. A case that left (reopened, gone from a snapshot) keeps its row as a
-- tombstone (id NULL) so that an older version that arrives late does not bring it back.
CREATE TABLE case_key (
    case_key BLOB PRIMARY KEY,             -- 16 bytes; keyed hash over source and case number
    source INTEGER NOT NULL REFERENCES source,
    id INTEGER,                            -- case_<source>.id, NULL for a tombstone
    version INTEGER NOT NULL,              -- updated_at (instant) or the file sequence
    expires INTEGER NOT NULL               -- local day from which a tombstone may be deleted
) STRICT, WITHOUT ROWID;
