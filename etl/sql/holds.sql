-- name: any
SELECT EXISTS (SELECT 1 FROM hold WHERE held_at >= coalesce(released_at, held_at))

-- name: covers
SELECT 1 FROM hold WHERE hash = :hash AND held_at >= coalesce(released_at, held_at) LIMIT 1

-- name: stands
SELECT 1 FROM hold WHERE hash = :hash AND reason = :reason AND held_at >= coalesce(released_at, held_at)

-- name: record
INSERT INTO hold (hash, reason, of_case, held_at) VALUES (:hash, :reason, :of_case, :at)
ON CONFLICT (hash, reason) DO UPDATE SET held_at = max(coalesce(held_at, :at), :at)

-- name: release
INSERT INTO hold (hash, reason, of_case, released_at) VALUES (:hash, :reason, :of_case, :at)
ON CONFLICT (hash, reason) DO UPDATE SET released_at = max(coalesce(released_at, :at), :at)

-- name: identifiers
SELECT pseudonym, epoch, objection FROM identifier WHERE person = :person
