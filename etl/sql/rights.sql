-- name: links
SELECT a.identifier, l.partner FROM identifier AS a CROSS JOIN identifier_link AS l ON l.identifier = a.identifier
WHERE a.person = :person AND l.partner > a.identifier

-- name: identifiers
SELECT pseudonym, epoch, objection, person FROM identifier WHERE person IS NOT NULL

-- name: refusals
SELECT hash, refused_at FROM recording_refusal

-- name: refuse
INSERT INTO recording_refusal (hash, refused_at) VALUES (:hash, :at)
ON CONFLICT (hash) DO UPDATE SET refused_at = max(refused_at, excluded.refused_at)
