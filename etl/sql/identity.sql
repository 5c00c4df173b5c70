-- name: find
SELECT identifier, person, epoch FROM identifier WHERE pseudonym = :pseudonym

-- name: add
INSERT INTO identifier (pseudonym, kind, identifier, epoch, person, objection, last_day)
VALUES (:pseudonym, :kind, :identifier, :epoch, nullif(:person, 0), :objection, :last_day)

-- name: rekey
UPDATE identifier SET pseudonym = :pseudonym, epoch = :epoch, objection = :objection WHERE pseudonym = :old

-- name: add_link
INSERT OR IGNORE INTO identifier_link (identifier, kind, partner) VALUES (:identifier, :kind, :partner)

-- name: count_links
SELECT count(*) FROM identifier_link WHERE identifier = :identifier AND kind = :kind

-- name: drop_links
DELETE FROM identifier_link WHERE identifier = :identifier

-- name: set_aside
UPDATE identifier SET person = NULL, last_day = max(coalesce(last_day, :day), :day) WHERE pseudonym = :pseudonym
