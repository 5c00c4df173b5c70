-- name: add_source
INSERT INTO source (name, personal, per_case) VALUES (:name, :personal, :per_case)
ON CONFLICT (name) DO UPDATE SET personal = excluded.personal, per_case = excluded.per_case

-- name: sources
SELECT source, name FROM source ORDER BY source

-- name: columns
SELECT name FROM pragma_table_info(:table)

-- name: find_dimension
SELECT dimension, kind, levels, definition, active FROM dimension WHERE source = :source AND name = :name

-- name: add_dimension
INSERT INTO dimension (source, name, kind, levels, definition, counted) VALUES (:source, :name, :kind, :levels, :definition, 1)

-- name: change_dimension
UPDATE dimension SET kind = :kind, levels = :levels, definition = :definition, active = 1, version = version + 1
WHERE dimension = :dimension

-- name: note_change
INSERT OR IGNORE INTO dimension_change (dimension, file) SELECT :dimension, coalesce(max(file), 0) FROM input_file

-- name: clear_dimension
DELETE FROM dimension_value WHERE dimension = :dimension

-- name: dimensions
SELECT dimension FROM dimension WHERE source = :source AND active = 1

-- name: retire_dimension
UPDATE dimension SET active = 0 WHERE dimension = :dimension

-- name: find_measure
SELECT measure, coalesce(unit, ''), decimals FROM measure WHERE source = :source AND name = :name

-- name: write_measure
INSERT INTO measure (source, name, unit, decimals, lowest, highest, score)
VALUES (:source, :name, :unit, :decimals, :lowest, :highest, :score)
ON CONFLICT (source, name) DO UPDATE SET lowest = excluded.lowest, highest = excluded.highest, score = excluded.score
RETURNING measure

-- name: measures
SELECT measure FROM measure WHERE source = :source

-- name: drop_measure
DELETE FROM measure WHERE measure = :measure

-- name: add_kind
INSERT OR IGNORE INTO identifier_kind (name) VALUES (:name)

-- name: find_kind
SELECT kind FROM identifier_kind WHERE name = :name
