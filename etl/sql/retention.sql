-- name: is_personal
SELECT personal FROM source WHERE source = :source

-- name: expired_tombstones
DELETE FROM case_key WHERE expires <= :today

-- name: old_holds
DELETE FROM hold WHERE released_at > coalesce(held_at, released_at - 1) AND released_at < :oldest * 86400

-- name: old_claimants
DELETE FROM claimant WHERE objected_at IS NULL AND withdrawn_at IS NULL AND left_at IS NULL AND coalesce(erased_at, 0) < :oldest * 86400
    AND (refused_at IS NULL OR allowed_at > refused_at) AND coalesce(allowed_at, 0) < :oldest * 86400

-- name: old_claimant_links
DELETE FROM claimant_link WHERE hash NOT IN (SELECT hash FROM claimant_identifier)

-- name: old_set_aside
DELETE FROM identifier WHERE person IS NULL AND last_day < :oldest
