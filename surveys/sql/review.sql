-- name: list
SELECT text, question, redacted FROM free_text WHERE survey = :survey AND state = 'new' ORDER BY question, text;

-- name: approve
UPDATE free_text SET state = 'approved', redacted = :redacted, reviewed_by = :who WHERE text = :text AND survey = :survey AND state = 'new';

-- name: reject
DELETE FROM free_text WHERE text = :text AND survey = :survey AND state = 'new';

-- name: releasable
SELECT text, wave, question, redacted FROM free_text WHERE survey = :survey AND state = 'approved'
AND (SELECT count(*) FROM free_text AS same WHERE same.survey = free_text.survey AND same.wave = free_text.wave
     AND same.question = free_text.question AND same.state = 'approved') >= :k
ORDER BY wave, question, redacted;

-- name: mark_released
UPDATE free_text SET state = 'released' WHERE text = :text;
