-- name: delete_key
DELETE FROM case_key WHERE case_key = :case_key

-- name: bar_key
UPDATE case_key SET id = NULL, barred = 1, expires = :expires WHERE case_key = :case_key

-- name: check
INSERT OR IGNORE INTO person_check (person) VALUES (:person)

-- name: persons
SELECT person FROM person_check ORDER BY person

-- name: clear
DELETE FROM person_check

-- name: identifiers
SELECT identifier, kind FROM identifier WHERE person = :person

-- name: partners
SELECT partner, kind FROM identifier_link WHERE identifier = :identifier

-- name: delete_link
DELETE FROM identifier_link WHERE identifier = :identifier AND kind = :kind AND partner = :partner

-- name: delete_links
DELETE FROM identifier_link WHERE identifier = :identifier

-- name: delete_identifiers
DELETE FROM identifier WHERE person = :person

-- name: delete_identifier
DELETE FROM identifier WHERE pseudonym = :pseudonym
