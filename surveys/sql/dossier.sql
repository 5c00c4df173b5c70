-- name: channel
SELECT channel, (SELECT count(*) FROM recipient_identifier AS known WHERE known.recipient = recipient.recipient), stand_in FROM recipient
WHERE recipient = :recipient;

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
SELECT survey, wave, reserved_at, expires_at, state, reminders, decision, begun, refused FROM invitation WHERE recipient = :recipient ORDER BY reserved_at;

-- name: messages
SELECT invitation.survey, sending.reserved_at, sending.state, coalesce(vendor, ''), coalesce(fields, '')
FROM sending JOIN invitation USING (invitation) LEFT JOIN disclosure USING (disclosure)
WHERE recipient = :recipient ORDER BY sending.reserved_at, number;

-- name: confirmations
SELECT survey, controller, reserved_at, expires_at, state FROM confirmation WHERE recipient = :recipient ORDER BY reserved_at;

-- name: tokens
SELECT token_hash FROM invitation WHERE recipient = :recipient UNION ALL SELECT token_hash FROM confirmation WHERE recipient = :recipient;

-- name: link
SELECT survey, kind, controller, language, segment, expires_at, finished, opted_out, confirmed,
    EXISTS (SELECT 1 FROM partial WHERE partial.token_hash = ticket.token_hash)
FROM ticket WHERE token_hash = :hash;

-- name: clicks
SELECT kind, occurred_at FROM act WHERE token_hash = :hash ORDER BY occurred_at;

-- name: waiting
SELECT survey, epoch, sealed FROM waiting WHERE token_hash = :hash;

-- name: responses
SELECT response.survey, week, answers FROM response JOIN invitation USING (invitation) WHERE recipient = :recipient ORDER BY week;
