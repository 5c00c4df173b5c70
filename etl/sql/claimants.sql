-- name: members
SELECT hash, kind, claimant, bound FROM claimant_identifier

-- name: groups
SELECT claimant, objected_at, withdrawn_at, erased_at, refused_at, allowed_at, left_at FROM claimant

-- name: add_group
INSERT INTO claimant (claimant, objected_at, withdrawn_at, erased_at, refused_at, allowed_at, left_at)
VALUES (:claimant, :objected_at, :withdrawn_at, :erased_at, :refused_at, :allowed_at, :left_at)

-- name: set_group
UPDATE claimant SET objected_at = :objected_at, withdrawn_at = :withdrawn_at, erased_at = :erased_at,
    refused_at = :refused_at, allowed_at = :allowed_at, left_at = :left_at WHERE claimant = :claimant

-- name: drop_group
DELETE FROM claimant WHERE claimant = :claimant

-- name: put_member
INSERT INTO claimant_identifier (hash, kind, claimant, bound) VALUES (:hash, :kind, nullif(:claimant, 0), :bound)
ON CONFLICT (hash) DO UPDATE SET claimant = excluded.claimant, bound = excluded.bound

-- name: drop_member
DELETE FROM claimant_identifier WHERE hash = :hash

-- name: add_link
INSERT OR IGNORE INTO claimant_link (hash, kind, partner) VALUES (:hash, :kind, :partner)

-- name: count_links
SELECT count(*) FROM claimant_link WHERE hash = :hash AND kind = :kind

-- name: partners
SELECT partner FROM claimant_link WHERE hash = :hash

-- name: drop_links
DELETE FROM claimant_link WHERE hash = :hash

-- name: known_by
SELECT hash FROM claimant_identifier WHERE claimant = :claimant AND bound <> 2
