-- Answers and dispositions on their way into the statistics: they are handed over once, as closed cases of a source of their own.

ALTER TABLE response ADD COLUMN handed_over INTEGER NOT NULL DEFAULT 0;      -- 1: it is in the statistics
ALTER TABLE invitation ADD COLUMN disposition INTEGER;                       -- random number of its row while it is being handed over
ALTER TABLE invitation ADD COLUMN handed_over INTEGER NOT NULL DEFAULT 0;    -- 1: its disposition is in the statistics
CREATE INDEX response_not_handed_over ON response (survey) WHERE handed_over = 0;
