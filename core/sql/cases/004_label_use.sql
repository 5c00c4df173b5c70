-- By how many cases each label is carried, so that it goes in the same act as the last of them: it may be all that is left of
-- somebody. Only leaves are counted.
-- Kept: as long as a case has the label; a count.
-- Access: none: numbers of cases.
CREATE TABLE dimension_use (
    code INTEGER PRIMARY KEY REFERENCES dimension_value ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    cases INTEGER NOT NULL                 -- at a commit above 0
) STRICT;
CREATE INDEX dimension_use_none ON dimension_use (code) WHERE cases = 0;

ALTER TABLE dimension ADD COLUMN counted INTEGER NOT NULL DEFAULT 0; -- 1: dimension_use has it; 0: of before, to be counted
