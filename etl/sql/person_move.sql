-- name: members
SELECT identifier, pseudonym FROM identifier WHERE person = :person ORDER BY identifier

-- name: partners
SELECT partner FROM identifier_link WHERE identifier = :identifier

-- name: set_person
UPDATE identifier SET person = :person WHERE pseudonym = :pseudonym

-- name: move_identifiers
UPDATE identifier SET person = :to WHERE person = :from

-- name: set_case_id
UPDATE case_key SET id = :id WHERE case_key = :case_key
