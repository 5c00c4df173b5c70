-- name: due
SELECT file_name, sending.invitation, number, recipient, key_epoch, tries, expires_at, sending.reserved_at
FROM sending JOIN invitation USING (invitation)
WHERE sending.state = 'spooled' AND survey = :survey AND disclosure IS NULL AND coalesce(next_try_at, 0) <= :now
UNION ALL
SELECT file_name, confirmation, -request, recipient, key_epoch, tries, expires_at, reserved_at FROM confirmation
WHERE state = 'spooled' AND survey = :survey AND coalesce(next_try_at, 0) <= :now
ORDER BY 8, 1;

-- name: attempt
UPDATE sending SET state = 'uncertain', tries = tries + 1, next_try_at = NULL, reply_class = NULL
WHERE invitation = :invitation AND number = :number AND state = 'spooled';

-- name: later
UPDATE sending SET state = 'spooled', next_try_at = :next, reply_class = :class WHERE invitation = :invitation AND number = :number;

-- name: answered
UPDATE sending SET reply_class = :class WHERE invitation = :invitation AND number = :number;

-- name: attempt_confirmation
UPDATE confirmation SET state = 'uncertain', tries = tries + 1, next_try_at = NULL, reply_class = NULL
WHERE confirmation = :invitation AND state = 'spooled';

-- name: later_confirmation
UPDATE confirmation SET state = 'spooled', next_try_at = :next, reply_class = :class WHERE confirmation = :invitation;

-- name: answered_confirmation
UPDATE confirmation SET reply_class = :class WHERE confirmation = :invitation;
