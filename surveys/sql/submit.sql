-- name: due
SELECT file_name, sending.invitation, number, recipient, key_epoch, tries, expires_at
FROM sending JOIN invitation USING (invitation)
WHERE sending.state = 'spooled' AND survey = :survey AND disclosure IS NULL AND coalesce(next_try_at, 0) <= :now
ORDER BY sending.reserved_at, file_name;

-- name: attempt
UPDATE sending SET state = 'uncertain', tries = tries + 1, next_try_at = NULL, reply_class = NULL
WHERE invitation = :invitation AND number = :number AND state = 'spooled';

-- name: later
UPDATE sending SET state = 'spooled', next_try_at = :next, reply_class = :class WHERE invitation = :invitation AND number = :number;

-- name: answered
UPDATE sending SET reply_class = :class WHERE invitation = :invitation AND number = :number;
