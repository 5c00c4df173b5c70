-- name: find
SELECT person, person IS NULL FROM identifier WHERE pseudonym = :pseudonym

-- name: add_kind
INSERT OR IGNORE INTO identifier_kind (name) VALUES (:name)

-- name: find_kind
SELECT kind FROM identifier_kind WHERE name = :name

-- name: identifiers
SELECT identifier, kind, epoch, pseudonym, objection FROM identifier WHERE person = :person ORDER BY identifier
