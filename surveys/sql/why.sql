-- name: decisions
SELECT reserved_at, wave, state, reminders, decision FROM invitation
WHERE survey = :survey AND recipient = :recipient ORDER BY reserved_at;

-- name: events
SELECT kind, occurred_at, origin, coalesce(text_version, ''), controller, purpose FROM consent_event
WHERE recipient = :recipient ORDER BY occurred_at, event;

-- name: planned
SELECT case_hash, holdout FROM plan_recipient WHERE plan = :plan AND recipient = :recipient;
