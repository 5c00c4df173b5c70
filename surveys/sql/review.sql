-- name: list
SELECT text, question, redacted FROM free_text WHERE survey = :survey AND state = 'new' ORDER BY question, text;

-- name: approve
UPDATE free_text SET state = 'approved', redacted = :redacted, reviewed_by = :who WHERE text = :text AND survey = :survey AND state = 'new';

-- name: reject
DELETE FROM free_text WHERE text = :text AND survey = :survey AND state = 'new';
