-- Answers as they are kept, and what became of invitations.

ALTER TABLE invitation ADD COLUMN begun INTEGER NOT NULL DEFAULT 0;    -- 1: something was answered, but never sent
ALTER TABLE invitation ADD COLUMN refused INTEGER NOT NULL DEFAULT 0;  -- 1: no more surveys, said by this link

-- One finished response. Of an anonymous survey nothing here or elsewhere leads to the person: the number is random, the week is
-- that of the batch, k or more were moved at once, and the segment is one that k or more of the batch share.
-- Kept: anonymous ones while the workspace exists; of confidential surveys the link to the person goes with the invitation.
-- Access: `recipients.responses`; an anonymous one leads to no person.
CREATE TABLE response (
    response INTEGER PRIMARY KEY,          -- random
    survey TEXT NOT NULL,
    wave INTEGER NOT NULL,
    week INTEGER NOT NULL,                 -- local day of the Monday of the week in which it was moved here
    segment TEXT NOT NULL,                 -- JSON of the coarse segment values that the survey names
    answers TEXT NOT NULL,                 -- JSON by question id, without free text
    invitation INTEGER UNIQUE REFERENCES invitation ON DELETE SET NULL -- of confidential surveys only
) STRICT;
CREATE INDEX response_survey ON response (survey, wave);

-- Free text, redacted, apart from the response that it was in.
-- Kept: until the survey's results are withdrawn; rejected ones are deleted at once.
-- Access: none: it leads to no person.
CREATE TABLE free_text (
    text INTEGER PRIMARY KEY,              -- random
    survey TEXT NOT NULL,
    wave INTEGER NOT NULL,
    question TEXT NOT NULL,
    redacted TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('new', 'approved', 'released')),
    reviewed_by TEXT
) STRICT;

-- Answers of intake.db that stand here already, until they are deleted there: two databases do not commit together.
-- Kept: until the deletion in intake.db, a moment later.
-- Access: none: the number leads to no person.
CREATE TABLE intake_moved (
    waiting INTEGER PRIMARY KEY            -- as in intake.db
) STRICT;

-- Answers that were never used.
-- Kept: while the workspace exists; no personal data.
CREATE TABLE response_discarded (
    survey TEXT NOT NULL,
    wave INTEGER NOT NULL,
    discarded INTEGER NOT NULL,            -- answers of a survey that ended with fewer than k
    PRIMARY KEY (survey, wave)
) STRICT, WITHOUT ROWID;
