-- What a table's dimensions were when it was published: a later table is linked with it only while they are the same.
ALTER TABLE table_version ADD COLUMN dimensions TEXT; -- JSON: digest by name; NULL: imported, not known

-- Periods that a later table does not get, because the cases are not those any more that earlier tables counted: found once, never
-- tried again.
-- Kept: while the workspace exists; published or anonymous, no personal data.
CREATE TABLE unfit_period (
    name TEXT NOT NULL,                    -- of the table, in any version
    period INTEGER NOT NULL,               -- its first day, days since 1970-01-01
    release INTEGER NOT NULL REFERENCES release, -- that would have had it
    PRIMARY KEY (name, period)
) STRICT, WITHOUT ROWID;
