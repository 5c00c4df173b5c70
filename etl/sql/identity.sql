-- name: find
SELECT identifier, person FROM identifier WHERE pseudonym = :pseudonym

-- name: find_all
SELECT r.c0, i.identifier, i.person FROM rows AS r CROSS JOIN identifier AS i ON i.pseudonym = r.c1

-- name: add_all
INSERT OR FAIL INTO identifier (pseudonym, kind, identifier, epoch, person, objection, last_day)
SELECT c0, c1, c2, c3, c4, c5, c6 FROM rows

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
