-- name: responses
SELECT response, wave, week, segment, answers FROM response WHERE survey = :survey AND handed_over = 0 ORDER BY response;

-- name: mark_response
UPDATE response SET handed_over = 1 WHERE response = :response;

-- name: number_dispositions
UPDATE invitation SET disposition = abs(random() / 4) + 1
WHERE survey = :survey AND handed_over = 0 AND disposition IS NULL AND expires_at <= :now
AND (state <> 'pulled' OR begun OR refused OR EXISTS (SELECT 1 FROM sending WHERE sending.invitation = invitation.invitation AND sending.state <> 'pulled'));

-- name: dispositions
SELECT disposition, invitation.wave, expires_at, plan_recipient.segment,
       CASE WHEN invitation.state = 'answered' THEN 'complete'
            WHEN begun THEN 'partial'
            WHEN refused THEN 'refusal'
            WHEN invitation.state IN ('failed', 'uncertain') OR EXISTS
                 (SELECT 1 FROM bounce WHERE bounce.recipient = invitation.recipient AND kind = 'hard' AND occurred_at >= reserved_at) THEN 'unreachable'
            ELSE 'no_reply' END
FROM invitation JOIN plan_recipient USING (plan, recipient)
WHERE invitation.survey = :survey AND handed_over = 0 AND disposition IS NOT NULL AND expires_at <= :now ORDER BY disposition;

-- name: mark_disposition
UPDATE invitation SET handed_over = 1, disposition = NULL WHERE disposition = :response;

