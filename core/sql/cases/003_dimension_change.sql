-- When the mapping of a dimension changed: cases of files up to this one have the values of before. A table over periods on both
-- sides is not published.
-- Kept: while the workspace exists; no personal data.
CREATE TABLE dimension_change (
    dimension INTEGER NOT NULL REFERENCES dimension,
    file INTEGER NOT NULL,                 -- the last before it, 0: none
    PRIMARY KEY (dimension, file)
) STRICT, WITHOUT ROWID;
