-- name: is_used
SELECT EXISTS (SELECT 1 FROM identifier WHERE epoch = :epoch)

-- name: forget
DELETE FROM store_key WHERE purpose = 'analytics' AND epoch = :epoch

-- name: identifiers
SELECT count(*) FROM identifier WHERE epoch = :epoch

-- name: contacts
SELECT count(*) FROM contact WHERE key_epoch = :epoch

-- name: invitations
SELECT count(*) FROM invitation WHERE key_epoch = :epoch
