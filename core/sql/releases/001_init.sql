-- releases.db: the ledger. What was ever published, so that tonight's release is protected against all of it. It outlives the
-- cases and holds no case, no person and no withheld figure.

-- Kept: while the workspace exists; published or anonymous, no personal data.
CREATE TABLE release (
    release INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,             -- folder below published/
    as_of INTEGER NOT NULL,                -- instant
    program TEXT NOT NULL,                 -- version that built it
    config_digest TEXT NOT NULL,           -- hex BLAKE2b-256
    k INTEGER NOT NULL,
    origin TEXT NOT NULL CHECK (origin IN ('publish', 'import')),
    -- staged: in the ledger, folder not known to be in place; withdrawn: no longer shown, still known to the attacker
    state TEXT NOT NULL CHECK (state IN ('staged', 'published', 'withdrawn')),
    withdrawn_at INTEGER,
    withdrawn_because TEXT
) STRICT;

-- A table under one definition. Another definition (dimensions, mappings, figures, k, rules) is another version: it applies to
-- periods that no version has published.
-- Kept: while the workspace exists; published or anonymous, no personal data.
CREATE TABLE table_version (
    table_version INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    source TEXT NOT NULL,
    period_unit TEXT NOT NULL,             -- week, month, quarter, year
    definition BLOB NOT NULL,              -- digest
    title TEXT NOT NULL,
    columns TEXT NOT NULL,                 -- JSON: name, role, type, decimals, unit, title, hierarchy of each column
    UNIQUE (name, version),
    UNIQUE (name, definition)
) STRICT;

-- Base periods whose cases are frozen: what arrives or leaves later changes nothing that is published.
-- Kept: while the workspace exists; published or anonymous, no personal data.
CREATE TABLE frozen_period (
    source TEXT NOT NULL,
    unit TEXT NOT NULL,                    -- the source's base period: week or month
    period INTEGER NOT NULL,               -- its first day, days since 1970-01-01
    release INTEGER NOT NULL REFERENCES release,
    PRIMARY KEY (source, period)
) STRICT, WITHOUT ROWID;

-- Each table and period is published at most once, or found unfit once and never tried again.
-- Kept: while the workspace exists; published or anonymous, no personal data.
CREATE TABLE published_period (
    table_version INTEGER NOT NULL REFERENCES table_version,
    period INTEGER NOT NULL,               -- its first day, days since 1970-01-01
    release INTEGER NOT NULL REFERENCES release,
    outcome TEXT NOT NULL CHECK (outcome IN ('published', 'dropped')),
    PRIMARY KEY (table_version, period)
) STRICT, WITHOUT ROWID;

-- Kept: while the workspace exists; published or anonymous, no personal data.
CREATE TABLE published_row (
    table_version INTEGER NOT NULL REFERENCES table_version,
    period INTEGER NOT NULL,
    row INTEGER NOT NULL,                  -- order in the table
    cells TEXT NOT NULL,                   -- JSON array, one element per column, null where empty
    PRIMARY KEY (table_version, period, row)
) STRICT, WITHOUT ROWID;

-- Cells that earlier publications alone expose, or narrow too far for one contributor: recorded, alarmed once; of the latter all others learn nothing.
-- Kept: while the workspace exists; published or anonymous, no personal data.
CREATE TABLE lost_cell (
    table_version INTEGER NOT NULL REFERENCES table_version,
    period INTEGER NOT NULL,
    cell TEXT NOT NULL,                    -- JSON array of the dimension columns
    found_at INTEGER NOT NULL,
    PRIMARY KEY (table_version, period, cell)
) STRICT, WITHOUT ROWID;

-- A missing or rejected file that an operator accepts as missing, so that the period may be published without it.
-- Kept: while the workspace exists; published or anonymous, no personal data.
CREATE TABLE signed_gap (
    source TEXT NOT NULL,
    period INTEGER NOT NULL,
    signed_at INTEGER NOT NULL,
    signed_by TEXT NOT NULL,
    PRIMARY KEY (source, period)
) STRICT, WITHOUT ROWID;
