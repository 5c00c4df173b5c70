-- name: sendings
SELECT sending.state, count(*) FROM sending JOIN invitation USING (invitation)
WHERE survey = :survey AND wave = :wave GROUP BY sending.state ORDER BY sending.state;

-- name: answered
SELECT count(*) FROM invitation WHERE survey = :survey AND wave = :wave AND state = 'answered';

-- name: decisions
SELECT reserved_at, wave, state, reminders, decision FROM invitation
WHERE survey = :survey AND recipient = :recipient ORDER BY reserved_at;

-- name: events
SELECT kind, occurred_at, origin, coalesce(text_version, ''), controller, purpose FROM consent_event
WHERE recipient = :recipient ORDER BY occurred_at, event;
