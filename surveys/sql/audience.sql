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
-- Who objected, or is the same person as somebody who did.
WITH RECURSIVE objector (recipient) AS (
    SELECT recipient FROM consent_event WHERE kind IN ('objection', 'objection_withdrawn')
    UNION
    SELECT other.recipient FROM objector JOIN recipient_identifier AS own USING (recipient)
    JOIN recipient_identifier AS other USING (hash))
SELECT recipient FROM objector ORDER BY recipient;

-- name: messages
WITH RECURSIVE same (recipient) AS (
    VALUES (:recipient)
    UNION
    SELECT other.recipient FROM same JOIN recipient_identifier AS own USING (recipient)
    JOIN recipient_identifier AS other USING (hash))
SELECT count(*) FROM same JOIN invitation USING (recipient) JOIN sending USING (invitation)
WHERE sending.reserved_at > :since;

-- name: bounced
SELECT 1 FROM bounce WHERE recipient = :recipient AND kind IN ('hard', 'complaint') LIMIT 1;

-- name: asked_case
-- The person counts, not the address: somebody with a new one is not asked again.
WITH RECURSIVE same (recipient) AS (
    VALUES (:recipient)
    UNION
    SELECT other.recipient FROM same JOIN recipient_identifier AS own USING (recipient)
    JOIN recipient_identifier AS other USING (hash))
SELECT 1 FROM same JOIN invitation USING (recipient) WHERE survey = :survey AND case_hash = :case_hash LIMIT 1;

-- name: asked_wave
WITH RECURSIVE same (recipient) AS (
    VALUES (:recipient)
    UNION
    SELECT other.recipient FROM same JOIN recipient_identifier AS own USING (recipient)
    JOIN recipient_identifier AS other USING (hash))
SELECT 1 FROM same JOIN invitation USING (recipient) WHERE survey = :survey AND wave = :wave LIMIT 1;
