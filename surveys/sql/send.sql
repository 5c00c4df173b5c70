-- name: planned
SELECT recipient, case_hash, language FROM plan_recipient
WHERE plan = :plan AND holdout = 0
  AND NOT EXISTS (SELECT 1 FROM invitation
                  WHERE invitation.survey = :survey AND invitation.wave = :wave AND invitation.recipient = plan_recipient.recipient
                  AND (state <> 'pulled' OR begun OR refused OR plan >= :plan
                       OR EXISTS (SELECT 1 FROM sending WHERE sending.invitation = invitation.invitation AND sending.state <> 'pulled')))
ORDER BY recipient;

-- name: is_unsent
SELECT 1 FROM invitation WHERE invitation = :invitation AND state = 'pulled' AND NOT begun AND NOT refused AND plan < :plan
AND NOT EXISTS (SELECT 1 FROM sending WHERE sending.invitation = invitation.invitation AND sending.state <> 'pulled');

-- name: drop_sendings
DELETE FROM sending WHERE invitation = :invitation;

-- name: drop_invitation
DELETE FROM invitation WHERE invitation = :invitation;

-- name: due
SELECT invitation.recipient, invitation.case_hash, plan_recipient.language, invitation.reminders, invitation.key_epoch, invitation.expires_at
FROM invitation JOIN plan_recipient USING (plan, recipient)
WHERE invitation.survey = :survey AND invitation.wave = :wave AND invitation.state = 'sent'
  AND invitation.reminders < :maximum AND invitation.expires_at > :now
  AND (SELECT max(reserved_at) FROM sending WHERE sending.invitation = invitation.invitation) <= :now - :gap
ORDER BY invitation.recipient;

-- name: add_invitation
INSERT INTO invitation (invitation, plan, survey, wave, recipient, case_hash, token_hash, key_epoch, reserved_at, expires_at, state, decision, quotas)
VALUES (:invitation, :plan, :survey, :wave, :recipient, :case_hash, :token_hash, :epoch, :now, :expires, :state, :decision,
        (SELECT quotas FROM plan_recipient WHERE plan = :plan AND recipient = :recipient));

-- name: add_sending
INSERT INTO sending (invitation, number, file_name, reserved_at, state, disclosure)
VALUES (:invitation, :number, :file_name, :now, :state, :disclosure);

-- name: count_reminder
UPDATE invitation SET reminders = :number WHERE invitation = :invitation;

-- name: bounce_share
SELECT count(DISTINCT invitation), count(DISTINCT CASE WHEN bounce IS NOT NULL THEN invitation END)
FROM sending JOIN invitation USING (invitation)
LEFT JOIN bounce ON bounce.recipient = invitation.recipient AND kind = 'hard' AND occurred_at >= sending.reserved_at
WHERE survey = :survey AND wave = :wave AND sending.reserved_at >= :since AND sending.state IN ('sent', 'uncertain', 'failed');

-- name: ticket
-- In intake.db.
SELECT finished OR confirmed, opted_out FROM ticket WHERE token_hash = :hash;

-- name: clicked
-- In intake.db.
SELECT 1 FROM act JOIN ticket USING (token_hash) WHERE token_hash = :hash AND act.kind = 'opt_out' AND ticket.controller = :controller;

-- name: links
SELECT token_hash FROM invitation WHERE recipient = :recipient UNION ALL SELECT token_hash FROM confirmation WHERE recipient = :recipient;

-- name: add_confirmation
INSERT INTO confirmation (confirmation, request, recipient, controller, survey, wave, language, event, token_hash, key_epoch, file_name, reserved_at,
                          expires_at, state)
VALUES (:confirmation, :request, :recipient, :controller, :survey, :wave, :language, :event, :token_hash, :epoch, :file_name, :now, :expires, :state);
