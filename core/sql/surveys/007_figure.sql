-- What marketing was told of sizes, so that two sets of people who differ by a few are told as one: a planner is no query machine.
-- The sketch holds keyed hashes of the persons in the set, summed up in buckets (objection key, a domain of its own): by it the
-- number of people in whom two sets differ can be told, and nothing is joined to recipients or cases.
-- Kept: a year; no personal data but sums of keyed hashes, which name nobody without the key and a list of all persons.
CREATE TABLE plan_figure (
    figure INTEGER PRIMARY KEY,
    shown_at INTEGER NOT NULL,
    k INTEGER NOT NULL,                    -- the threshold
    size INTEGER NOT NULL,                 -- as it was shown: a multiple of the threshold
    sketch BLOB NOT NULL
) STRICT;
