-- Limits of a survey are those of its wave, whatever the number of plans: which quotas an invitation counts against.
ALTER TABLE plan_recipient ADD COLUMN quotas TEXT; -- JSON of the labels by dimension; NULL: the survey has none
ALTER TABLE invitation ADD COLUMN quotas TEXT;     -- as in plan_recipient
