-- name: columns
SELECT name FROM pragma_table_info(:table)

-- name: source_of_file
SELECT source.name FROM source JOIN input_file USING (source) WHERE file = :file

-- name: labels
WITH RECURSIVE path (code, parent, label, level) AS (
    SELECT code, parent, label, level FROM dimension_value WHERE code = :code
    UNION ALL
    SELECT v.code, v.parent, v.label, v.level FROM path JOIN dimension_value AS v ON v.code = path.parent)
SELECT label FROM path ORDER BY level

-- name: measure
SELECT coalesce(unit, ''), decimals FROM measure WHERE source = :source AND name = :name

-- name: kind
SELECT name FROM identifier_kind WHERE kind = :kind

-- name: file
SELECT name, accepted_at FROM input_file WHERE file = :file

-- name: holds
SELECT reason, held_at, released_at, held_at >= coalesce(released_at, held_at) FROM hold WHERE hash = :hash ORDER BY reason

-- name: claim_kinds
SELECT group_concat(name, ', ') FROM (
    SELECT DISTINCT name FROM claimant_identifier JOIN identifier_kind USING (kind)
    WHERE claimant = (SELECT claimant FROM claimant_identifier WHERE hash = :hash) ORDER BY name)
