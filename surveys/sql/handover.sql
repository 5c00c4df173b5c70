-- name: responses
-- Groups of k and more: those of a segment, and what is left of a wave that is over without the segment.
WITH by_segment AS (SELECT *, count(*) OVER (PARTITION BY wave, segment) >= :k AS fits FROM response WHERE survey = :survey AND handed_over = 0),
by_wave AS (SELECT *, count(*) OVER (PARTITION BY wave, fits) >= :k AND (wave < :wave OR :over) AND NOT EXISTS
                (SELECT 1 FROM invitation WHERE invitation.survey = :survey AND invitation.wave = by_segment.wave AND expires_at > :now
                 AND state <> 'answered') AS is_last FROM by_segment)
SELECT response, wave, CASE WHEN fits THEN segment ELSE '{}' END, answers
FROM by_wave WHERE fits OR is_last ORDER BY response;

-- name: mark_response
UPDATE response SET handed_over = 1 WHERE response = :response;

-- name: number_dispositions
-- Whose link was used was reached, although the message was taken back from the spool afterwards.
UPDATE invitation SET disposition = abs(random() / 4) + 1
WHERE survey = :survey AND handed_over = 0 AND disposition IS NULL AND expires_at <= :now
AND (state <> 'pulled' OR begun OR refused OR EXISTS (SELECT 1 FROM sending WHERE sending.invitation = invitation.invitation AND sending.state <> 'pulled'));

-- name: dispositions
SELECT disposition, invitation.wave, plan_recipient.segment,
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

