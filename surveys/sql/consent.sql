-- name: record
INSERT INTO consent_event (recipient, controller, purpose, kind, text_version, origin, occurred_at, recorded_at, evidence_hash, event_digest)
VALUES (:recipient, :controller, :purpose, :kind, :text_version, :origin, :occurred_at, :recorded_at, :evidence, :digest)
ON CONFLICT (event_digest) DO NOTHING;

-- name: history
SELECT event, kind, origin, occurred_at FROM consent_event
WHERE recipient = :recipient AND controller IN (:controller, '*') AND purpose IN (:purpose, '*') AND occurred_at <= :at
ORDER BY occurred_at, event;
