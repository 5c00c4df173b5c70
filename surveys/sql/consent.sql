-- name: record
INSERT INTO consent_event (recipient, controller, purpose, kind, text_version, origin, occurred_at, recorded_at, evidence_hash, event_digest)
VALUES (:recipient, :controller, :purpose, :kind, :text_version, :origin, :occurred_at, :recorded_at, :evidence, :digest)
ON CONFLICT (event_digest) DO NOTHING;

-- name: history
-- An objection holds for the person, whichever address it was made by; an opt-out for all addresses of the person on its channel. Who left is left alone from the moment it is known: the clock
-- of whoever noted it may be ahead, up to the day that subject events are allowed.
WITH RECURSIVE same (recipient) AS (
    VALUES (:recipient)
    UNION
    SELECT other.recipient FROM same JOIN recipient_identifier AS own USING (recipient)
    JOIN recipient_identifier AS other USING (hash))
SELECT event, kind, origin, occurred_at FROM same JOIN consent_event USING (recipient)
WHERE controller IN (:controller, '*') AND purpose IN (:purpose, '*')
  AND (occurred_at <= :at OR kind IN ('opt_out', 'objection') AND recorded_at <= :at)
  AND (recipient = :recipient OR kind IN ('objection', 'objection_withdrawn')
       OR kind = 'opt_out' AND (SELECT channel FROM recipient AS its WHERE its.recipient = same.recipient)
                               = (SELECT channel FROM recipient AS own WHERE own.recipient = :recipient));

-- name: left_since
SELECT 1 FROM consent_event WHERE recipient = :recipient AND controller IN (:controller, '*') AND purpose IN (:purpose, '*')
  AND kind IN ('opt_out', 'objection') AND occurred_at >= :since LIMIT 1;

-- name: own_history
-- One walk of the index for each recipient: planning asks it a million times.
SELECT event, kind, origin, occurred_at FROM consent_event
WHERE recipient = :recipient AND +controller IN (:controller, '*') AND +purpose IN (:purpose, '*')
  AND (occurred_at <= :at OR kind IN ('opt_out', 'objection') AND recorded_at <= :at);
