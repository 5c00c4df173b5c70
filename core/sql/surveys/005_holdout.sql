-- Invited against held-out people: whether they came again goes into the statistics once, as a case of a source of its own.

ALTER TABLE plan_recipient ADD COLUMN comparison INTEGER;                    -- random number of its row while it is being handed over
ALTER TABLE plan_recipient ADD COLUMN compared INTEGER NOT NULL DEFAULT 0;   -- 1: it is in the statistics
