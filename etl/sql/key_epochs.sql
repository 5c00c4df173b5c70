-- name: is_used
SELECT EXISTS (SELECT 1 FROM identifier WHERE epoch = :epoch)

-- name: note_followed
UPDATE store_key SET followed = :today WHERE purpose = 'analytics' AND epoch < :newest AND followed IS NULL

-- name: followed
SELECT followed FROM store_key WHERE purpose = 'analytics' AND epoch = :epoch AND followed IS NOT NULL

-- name: of_epoch
SELECT pseudonym, identifier, kind, person, objection FROM identifier
WHERE epoch = :epoch AND person IS NOT NULL AND pseudonym > :after ORDER BY pseudonym LIMIT :round

-- name: forget
DELETE FROM store_key WHERE purpose = 'analytics' AND epoch = :epoch

-- name: identifiers
SELECT count(*) FROM identifier WHERE epoch = :epoch

-- name: contacts
SELECT count(*) FROM contact WHERE key_epoch = :epoch

-- name: invitations
SELECT count(*) FROM invitation WHERE key_epoch = :epoch

-- name: give_up_contacts
DELETE FROM contact WHERE key_epoch = :epoch

-- name: give_up_contact_sendings
UPDATE sending SET state = 'pulled' WHERE state IN ('reserved', 'spooled')
    AND invitation IN (SELECT invitation FROM invitation WHERE recipient IN (SELECT recipient FROM contact WHERE key_epoch = :epoch))

-- name: give_up_contact_confirmations
UPDATE confirmation SET state = 'pulled' WHERE state IN ('reserved', 'spooled')
    AND recipient IN (SELECT recipient FROM contact WHERE key_epoch = :epoch)

-- name: give_up_sendings
UPDATE sending SET state = 'pulled' WHERE state IN ('reserved', 'spooled')
    AND invitation IN (SELECT invitation FROM invitation WHERE key_epoch = :epoch)

-- name: give_up_invitations
UPDATE invitation SET expires_at = min(expires_at, reserved_at + 1) WHERE key_epoch = :epoch

-- name: give_up_confirmations
UPDATE confirmation SET expires_at = min(expires_at, reserved_at + 1), state = iif(state IN ('reserved', 'spooled'), 'pulled', state)
WHERE key_epoch = :epoch
