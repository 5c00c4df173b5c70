-- name: find_recipient
SELECT recipient FROM recipient WHERE address_hash = :hash;

-- name: add_recipient
INSERT INTO recipient (address_hash, channel, stand_in) VALUES (:hash, :channel, :stand_in);

-- name: get
SELECT sealed, key_epoch, language, country, timezone, updated_at, usable_until, channel, recipient
FROM contact JOIN recipient USING (recipient) WHERE recipient = :recipient AND controller = :controller;

-- name: each
SELECT sealed, key_epoch, language, country, timezone, updated_at, usable_until, channel, recipient
FROM contact JOIN recipient USING (recipient) WHERE controller = :controller AND channel = :channel ORDER BY recipient;

-- name: put
INSERT INTO contact (recipient, controller, sealed, key_epoch, language, country, timezone, updated_at, usable_until)
VALUES (:recipient, :controller, :sealed, :epoch, :language, :country, :timezone, :updated_at, :usable_until)
ON CONFLICT (recipient, controller) DO UPDATE SET sealed = excluded.sealed, key_epoch = excluded.key_epoch,
    language = coalesce(excluded.language, language), country = coalesce(excluded.country, country),
    timezone = coalesce(excluded.timezone, timezone), updated_at = excluded.updated_at,
    usable_until = max(excluded.usable_until, usable_until);

-- name: expire
DELETE FROM contact WHERE usable_until < :today;

-- name: lists
SELECT controller, channel FROM (SELECT DISTINCT controller, channel FROM contact JOIN recipient USING (recipient)) ORDER BY 1, 2;

-- name: drop
DELETE FROM contact WHERE controller = :controller AND recipient IN (SELECT recipient FROM recipient WHERE channel = :channel);

-- name: leave
DELETE FROM contact WHERE recipient = :recipient AND (controller = :controller OR :controller = '*');

-- name: delete
DELETE FROM contact WHERE recipient = :recipient;

-- name: link_identifier
INSERT INTO recipient_identifier (hash, recipient) VALUES (:hash, :recipient) ON CONFLICT DO NOTHING;

-- name: known_by
WITH RECURSIVE same (recipient) AS (
    SELECT recipient FROM recipient_identifier WHERE hash = :hash
    UNION
    SELECT other.recipient FROM same JOIN recipient_identifier AS own USING (recipient)
    JOIN recipient_identifier AS other USING (hash))
SELECT recipient FROM same ORDER BY recipient;
