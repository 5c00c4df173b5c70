-- name: next
SELECT coalesce(max(disclosure), 0) + 1 FROM disclosure;

-- name: add
INSERT INTO disclosure (disclosure, handed_at, vendor, survey, fields, people, file_name, sha256, expires_day)
VALUES (:disclosure, :now, :vendor, :survey, :fields, :people, :file_name, :sha256, :expires_day);

-- name: unfinished
SELECT disclosure, file_name, sha256, people, expires_day, fields, vendor, handed_at FROM disclosure
WHERE survey = :survey AND finished = 0 ORDER BY disclosure;

-- name: finish
UPDATE disclosure SET finished = 1 WHERE disclosure = :disclosure;

-- name: hand_over
UPDATE sending SET state = 'sent' WHERE disclosure = :disclosure AND state = 'spooled';

-- name: hand_over_invitations
UPDATE invitation SET state = 'sent'
WHERE state = 'spooled' AND invitation IN (SELECT invitation FROM sending WHERE disclosure = :disclosure);

-- name: rows
-- Recipient 0: was erased.
SELECT sending.file_name, sending.number, invitation.recipient, invitation.key_epoch, invitation.state
FROM sending JOIN invitation USING (invitation) WHERE disclosure = :disclosure
UNION ALL SELECT reference, 0, 0, 0, '' FROM erased_reference WHERE disclosure = :disclosure ORDER BY 1;

-- name: live
SELECT disclosure, file_name FROM disclosure
WHERE survey = :survey AND finished = 1 AND deleted_at IS NULL AND expires_day >= :today ORDER BY disclosure;

-- name: expired
SELECT disclosure, file_name FROM disclosure WHERE deleted_at IS NULL AND expires_day < :today ORDER BY disclosure;

-- name: deleted
UPDATE disclosure SET deleted_at = :now WHERE disclosure = :disclosure;

-- name: forget_references
DELETE FROM erased_reference WHERE disclosure = :disclosure;
