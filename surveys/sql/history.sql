-- name: messages
-- Those that count against the survey's cap, and against the group's.
WITH RECURSIVE same (recipient) AS (
    VALUES (:recipient)
    UNION
    SELECT other.recipient FROM same JOIN recipient_identifier AS own USING (recipient)
    JOIN recipient_identifier AS other USING (hash))
SELECT total(sending.reserved_at > :since), total(sending.reserved_at > :group_since)
FROM same JOIN invitation USING (recipient) JOIN sending USING (invitation);

-- name: asked
-- About a case by whatever survey. Somebody with a new address is not asked again.
WITH RECURSIVE same (recipient) AS (
    VALUES (:recipient)
    UNION
    SELECT other.recipient FROM same JOIN recipient_identifier AS own USING (recipient)
    JOIN recipient_identifier AS other USING (hash))
SELECT coalesce(max(case_hash = :case_hash), 0), coalesce(max(survey = :survey AND wave = :wave), 0)
FROM same JOIN invitation USING (recipient);

-- name: bounced
SELECT 1 FROM bounce WHERE recipient = :recipient AND kind IN ('hard', 'complaint') LIMIT 1;
