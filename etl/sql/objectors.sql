-- name: members
SELECT hash, kind, objector, bound FROM objector_identifier

-- name: groups
SELECT objector, objected_at, withdrawn_at FROM objector

-- name: add_group
INSERT INTO objector (objector, objected_at, withdrawn_at) VALUES (:objector, :objected_at, :withdrawn_at)

-- name: set_group
UPDATE objector SET objected_at = :objected_at, withdrawn_at = :withdrawn_at WHERE objector = :objector

-- name: drop_group
DELETE FROM objector WHERE objector = :objector

-- name: put_member
INSERT INTO objector_identifier (hash, kind, objector, bound) VALUES (:hash, :kind, nullif(:objector, 0), :bound)
ON CONFLICT (hash) DO UPDATE SET objector = excluded.objector, bound = excluded.bound

-- name: drop_member
DELETE FROM objector_identifier WHERE hash = :hash

-- name: add_link
INSERT OR IGNORE INTO objector_link (hash, kind, partner) VALUES (:hash, :kind, :partner)

-- name: count_links
SELECT count(*) FROM objector_link WHERE hash = :hash AND kind = :kind

-- name: partners
SELECT partner FROM objector_link WHERE hash = :hash

-- name: drop_links
DELETE FROM objector_link WHERE hash = :hash
