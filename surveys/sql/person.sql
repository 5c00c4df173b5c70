-- name: last
SELECT coalesce(max(recipient), 0) FROM recipient;

-- name: identifiers
SELECT hash, recipient FROM recipient_identifier ORDER BY hash;

-- name: share
INSERT INTO recipient_identifier (hash, recipient) SELECT hash, :to FROM recipient_identifier WHERE recipient = :from ON CONFLICT DO NOTHING;

-- name: join
-- Whoever is known by the one identifier is known by the other.
INSERT INTO recipient_identifier (hash, recipient) SELECT :other, recipient FROM recipient_identifier WHERE hash = :hash ON CONFLICT DO NOTHING;
