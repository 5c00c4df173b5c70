-- By which kinds of identifiers a source ever knew persons: one that leaves the configuration, or is renamed there, is told before
-- anything is read, for nobody would be recognised by it.
-- Kept: while the workspace exists; no personal data.
CREATE TABLE source_identifier (
    source INTEGER NOT NULL REFERENCES source,
    kind INTEGER NOT NULL REFERENCES identifier_kind,
    PRIMARY KEY (source, kind)
) STRICT, WITHOUT ROWID;
