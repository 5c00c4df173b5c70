-- name: channel
SELECT channel FROM recipient WHERE recipient = :recipient;

-- name: controllers
SELECT controller FROM contact WHERE recipient = :recipient ORDER BY controller;

-- name: contacts
SELECT recipient, controller FROM contact ORDER BY recipient, controller;

-- name: consents
SELECT kind, occurred_at, controller, purpose, origin, coalesce(text_version, '') FROM consent_event
WHERE recipient = :recipient ORDER BY occurred_at, event;

-- name: bounces
SELECT kind, occurred_at FROM bounce WHERE recipient = :recipient ORDER BY occurred_at;

-- name: plans
SELECT survey, planned_at, segment, holdout FROM plan_recipient JOIN survey_plan USING (plan) WHERE recipient = :recipient ORDER BY plan;

-- name: invitations
SELECT survey, wave, reserved_at, expires_at, state, reminders FROM invitation WHERE recipient = :recipient ORDER BY reserved_at;

-- name: responses
SELECT response.survey, week, answers FROM response JOIN invitation USING (invitation) WHERE recipient = :recipient ORDER BY week;
