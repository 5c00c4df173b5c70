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

-- name: asked_in_wave
-- How many, by the quotas they count against; who was taken back before anything left was not asked.
SELECT quotas, count(*) FROM invitation WHERE survey = :survey AND wave = :wave
AND (state <> 'pulled' OR begun OR refused OR EXISTS (SELECT 1 FROM sending WHERE sending.invitation = invitation.invitation AND sending.state <> 'pulled'))
GROUP BY quotas;

-- name: held_out_before
-- By a plan of the wave that was approved; or the same person as somebody who was.
WITH RECURSIVE held (recipient) AS (
    SELECT recipient FROM plan_recipient JOIN survey_plan USING (plan)
    WHERE survey = :survey AND wave = :wave AND holdout = 1 AND approved_at IS NOT NULL
    UNION
    SELECT other.recipient FROM held JOIN recipient_identifier AS own USING (recipient)
    JOIN recipient_identifier AS other USING (hash))
SELECT recipient FROM held ORDER BY recipient;

-- name: knows_label
-- 0 of a dimension that is stored; nothing is said of one that is not.
SELECT EXISTS (SELECT 1 FROM dimension_value AS value WHERE value.dimension = dimension.dimension AND value.label = :label)
FROM dimension JOIN source USING (source) WHERE source.name = :source AND dimension.name = :name AND active = 1;
