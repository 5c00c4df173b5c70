-- Under which questions an answer was given: whoever edits a survey's file while the page runs must not tell early answers from late ones.

-- The questions that the page may ask: those of the newest approved plan.
-- Kept: while the workspace exists; no personal data.
CREATE TABLE approved (
    survey TEXT PRIMARY KEY,
    questions BLOB NOT NULL                -- digest, as in survey_plan
) STRICT, WITHOUT ROWID;

ALTER TABLE waiting ADD COLUMN questions BLOB NOT NULL DEFAULT x'';    -- digest of the questions that were answered; a batch has one
