-- name: links
SELECT a.identifier, l.partner FROM identifier AS a CROSS JOIN identifier_link AS l ON l.identifier = a.identifier
WHERE a.person = :person AND l.partner > a.identifier

-- name: is_stored
SELECT EXISTS (SELECT 1 FROM case_key WHERE case_key = :case_key AND id IS NOT NULL)

-- name: identifiers
SELECT pseudonym, epoch, objection, person FROM identifier WHERE person IS NOT NULL
