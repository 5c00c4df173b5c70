-- name: messages
-- Those that count (what was taken back does not) against the survey's cap, and against the group's.
WITH RECURSIVE same (recipient) AS (
    VALUES (:recipient)
    UNION
    SELECT other.recipient FROM same JOIN recipient_identifier AS own USING (recipient)
    JOIN recipient_identifier AS other USING (hash))
SELECT total(sending.reserved_at > :since), total(sending.reserved_at > :group_since)
FROM same JOIN invitation USING (recipient) JOIN sending USING (invitation)
WHERE sending.state <> 'pulled';

-- name: asked
-- About a case by whatever survey. Somebody with a new address is not asked again; who was taken back before anything left (nobody used the link) was not asked.
WITH RECURSIVE same (recipient) AS (
    VALUES (:recipient)
    UNION
    SELECT other.recipient FROM same JOIN recipient_identifier AS own USING (recipient)
    JOIN recipient_identifier AS other USING (hash))
SELECT coalesce(max(case_hash = :case_hash), 0), coalesce(max(survey = :survey AND wave = :wave), 0)
FROM same JOIN invitation USING (recipient)
WHERE (state <> 'pulled' OR begun OR refused OR EXISTS (SELECT 1 FROM sending WHERE sending.invitation = invitation.invitation AND sending.state <> 'pulled'));

-- name: asked_otherwise
-- The person of an invitation by another one, about the case or in the wave: before it, or with an answer. An invitation that is yet to be
-- made comes after all others.
WITH RECURSIVE same (recipient) AS (
    VALUES (:recipient)
    UNION
    SELECT other.recipient FROM same JOIN recipient_identifier AS own USING (recipient)
    JOIN recipient_identifier AS other USING (hash)),
mine (case_hash, reserved_at) AS (
    SELECT coalesce(made.case_hash, :case_hash), coalesce(made.reserved_at, 9223372036854775807)
    FROM (SELECT 1) LEFT JOIN invitation AS made ON made.invitation = :invitation AND made.state <> 'pulled')
SELECT 1 FROM mine, same JOIN invitation USING (recipient)
WHERE invitation <> :invitation AND ((survey = :survey AND wave = :wave) OR invitation.case_hash = mine.case_hash)
AND (state <> 'pulled' OR begun OR refused OR EXISTS (SELECT 1 FROM sending WHERE sending.invitation = invitation.invitation AND sending.state <> 'pulled'))
AND (state = 'answered' OR invitation.reserved_at < mine.reserved_at OR (invitation.reserved_at = mine.reserved_at AND invitation < :invitation))
LIMIT 1;

-- name: held_out
-- The person, by whichever address, in the plan of the invitation.
WITH RECURSIVE same (recipient) AS (
    VALUES (:recipient)
    UNION
    SELECT other.recipient FROM same JOIN recipient_identifier AS own USING (recipient)
    JOIN recipient_identifier AS other USING (hash))
SELECT 1 FROM same CROSS JOIN plan_recipient USING (recipient)
WHERE plan = iif(:plan, :plan, (SELECT plan FROM invitation WHERE invitation = :invitation)) AND holdout = 1 LIMIT 1;

-- name: bounced
SELECT 1 FROM bounce WHERE recipient = :recipient AND kind IN ('hard', 'complaint') LIMIT 1;
