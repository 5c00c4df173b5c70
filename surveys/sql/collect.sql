-- name: add_seal
INSERT INTO seal (epoch, public_key) VALUES (:epoch, :public_key) ON CONFLICT (epoch) DO UPDATE SET public_key = excluded.public_key;

-- name: links
-- With what was done by them: an intake.db that was lost or is of a backup must not take a second answer.
SELECT invitation.token_hash, 'answer', plan_recipient.language, plan_recipient.segment, invitation.expires_at, survey_plan.anonymity, invitation.wave,
       invitation.state = 'answered', invitation.refused, 0
FROM invitation JOIN plan_recipient USING (plan, recipient) JOIN survey_plan USING (plan)
WHERE invitation.survey = :survey
UNION ALL
SELECT token_hash, 'confirm', language, '{}', expires_at, '', wave, 0, 0,
       EXISTS (SELECT 1 FROM consent_event AS click JOIN consent_event AS asked ON asked.event = confirmation.event
               WHERE click.recipient = confirmation.recipient AND click.controller = confirmation.controller AND click.purpose = asked.purpose
               AND click.kind = 'opt_in' AND click.origin = 'page' AND click.occurred_at >= confirmation.reserved_at)
FROM confirmation WHERE survey = :survey AND expires_at > :now;

-- name: add_ticket
INSERT INTO ticket (token_hash, kind, survey, controller, wave, language, segment, anonymous, expires_at, finished, opted_out, confirmed)
VALUES (:hash, :kind, :survey, :controller, :wave, :language, :segment, :anonymous, :expires, :finished, :opted_out, :confirmed)
ON CONFLICT (token_hash) DO UPDATE SET language = excluded.language, segment = excluded.segment, expires_at = max(expires_at, excluded.expires_at),
    finished = max(finished, excluded.finished), opted_out = max(opted_out, excluded.opted_out), confirmed = max(confirmed, excluded.confirmed)
WHERE (expires_at < excluded.expires_at AND NOT finished)
   OR finished < excluded.finished OR opted_out < excluded.opted_out OR confirmed < excluded.confirmed;

-- name: approved
SELECT questions_digest FROM survey_plan WHERE survey = :survey AND approved_at IS NOT NULL ORDER BY plan DESC LIMIT 1;

-- name: add_approved
INSERT INTO approved (survey, questions) VALUES (:survey, :questions) ON CONFLICT (survey) DO UPDATE SET questions = excluded.questions;

-- name: acts
SELECT act.token_hash, act.kind, act.occurred_at FROM act JOIN ticket USING (token_hash) WHERE ticket.survey = :survey;

-- name: drop_act
DELETE FROM act WHERE token_hash = :hash AND kind = :kind;

-- name: recipient_of
SELECT recipient FROM invitation WHERE token_hash = :hash UNION ALL SELECT recipient FROM confirmation WHERE token_hash = :hash;

-- name: finished
SELECT token_hash FROM ticket WHERE survey = :survey AND finished = 1;

-- name: begun
SELECT token_hash FROM partial JOIN ticket USING (token_hash) WHERE survey = :survey;

-- name: mark_answered
UPDATE invitation SET state = 'answered', begun = 0 WHERE token_hash = :hash AND state <> 'answered';

-- name: mark_begun
UPDATE invitation SET begun = 1 WHERE token_hash = :hash AND begun = 0 AND state <> 'answered';

-- name: mark_refused
UPDATE invitation SET refused = 1 WHERE token_hash = :hash;

-- name: moved
SELECT waiting FROM intake_moved;

-- name: drop_waiting
DELETE FROM waiting WHERE waiting = :waiting;

-- name: forget_moved
DELETE FROM intake_moved;

-- name: note_moved
INSERT INTO intake_moved (waiting) VALUES (:waiting);

-- name: groups
SELECT wave, questions, segment FROM waiting WHERE survey = :survey GROUP BY wave, questions, segment ORDER BY wave, questions, segment;

-- name: open_tickets
SELECT count(*) FROM ticket WHERE survey = :survey AND wave = :wave AND finished = 0 AND opted_out = 0 AND expires_at > :now;

-- name: waiting
SELECT waiting, epoch, sealed, token_hash, segment FROM waiting
WHERE survey = :survey AND wave = :wave AND questions = :questions AND (:segment IS NULL OR segment = :segment);

-- name: add_response
INSERT INTO response (response, survey, wave, week, segment, answers, invitation)
VALUES (:response, :survey, :wave, :week, :segment, :answers, (SELECT invitation FROM invitation WHERE token_hash = :hash));

-- name: add_text
INSERT INTO free_text (text, survey, wave, question, redacted, state) VALUES (:text, :survey, :wave, :question, :redacted, 'new');

-- name: add_discarded
INSERT INTO response_discarded (survey, wave, discarded) VALUES (:survey, :wave, :count)
ON CONFLICT (survey, wave) DO UPDATE SET discarded = discarded + excluded.discarded;

-- name: drop_expired_partials
DELETE FROM partial WHERE token_hash IN (SELECT token_hash FROM ticket WHERE survey = :survey AND expires_at <= :now);

-- name: made
SELECT reserved_at, handed_over OR disposition IS NOT NULL FROM invitation WHERE token_hash = :hash;
