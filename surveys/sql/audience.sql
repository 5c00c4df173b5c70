-- name: source
SELECT source FROM source WHERE name = :name;

-- name: dimension
SELECT dimension, levels FROM dimension WHERE source = :source AND name = :name AND active = 1 AND kind <> 'period';

-- name: values
SELECT code, coalesce(parent, 0), label FROM dimension_value WHERE dimension = :dimension ORDER BY level;

-- name: person
SELECT person FROM identifier WHERE pseudonym = :pseudonym;

-- name: touched
-- Who has a history: had a message or a bounce, or is the same person as somebody who did.
WITH RECURSIVE touched (recipient) AS (
    SELECT recipient FROM invitation
    UNION
    SELECT recipient FROM bounce
    UNION
    SELECT other.recipient FROM touched JOIN recipient_identifier AS own USING (recipient)
    JOIN recipient_identifier AS other USING (hash))
SELECT recipient FROM touched ORDER BY recipient;

-- name: objectors
-- Who objected or opted out, or is the same person as somebody who did.
WITH RECURSIVE objector (recipient) AS (
    SELECT recipient FROM consent_event WHERE kind IN ('objection', 'objection_withdrawn', 'opt_out')
    UNION
    SELECT other.recipient FROM objector JOIN recipient_identifier AS own USING (recipient)
    JOIN recipient_identifier AS other USING (hash))
SELECT recipient FROM objector ORDER BY recipient;
