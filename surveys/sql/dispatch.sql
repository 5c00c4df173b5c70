-- name: waiting
SELECT file_name, sending.invitation, number, recipient, key_epoch, expires_at, invitation.state, sending.state
FROM sending JOIN invitation USING (invitation)
WHERE sending.state IN ('spooled', 'uncertain') AND survey = :survey AND disclosure IS NULL
UNION ALL
SELECT file_name, confirmation, -request, recipient, key_epoch, expires_at, '', state FROM confirmation
WHERE state IN ('spooled', 'uncertain') AND survey = :survey
ORDER BY 1;

-- name: set_sending
UPDATE sending SET state = :state WHERE invitation = :invitation AND number = :number;

-- name: set_confirmation
UPDATE confirmation SET state = :state WHERE confirmation = :invitation;

-- name: set_invitation
UPDATE invitation SET state = :state WHERE invitation = :invitation AND state NOT IN ('answered', 'expired');

-- name: vouches
SELECT 1 FROM sending WHERE file_name = :file_name AND state IN ('spooled', 'uncertain')
UNION ALL SELECT 1 FROM confirmation WHERE file_name = :file_name AND state IN ('spooled', 'uncertain');

-- name: is_of
SELECT 1 FROM sending JOIN invitation USING (invitation) WHERE file_name = :file_name AND survey = :survey
UNION ALL SELECT 1 FROM confirmation WHERE file_name = :file_name AND survey = :survey;

-- name: is_recent
SELECT 1 FROM sending WHERE file_name = :file_name AND reserved_at >= :before
UNION ALL SELECT 1 FROM confirmation WHERE file_name = :file_name AND reserved_at >= :before;
