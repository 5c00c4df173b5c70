-- Reading cases.db for the statistics. See core/sql/cases/001_init.sql.

-- name: source
SELECT source FROM source WHERE name = :name

-- name: columns
SELECT name FROM pragma_table_info(:table)

-- name: dimension
SELECT dimension, levels FROM dimension WHERE source = :source AND name = :name

-- name: definition
SELECT hex(dimension.definition) FROM dimension JOIN source USING (source) WHERE source.name = :source AND dimension.name = :name

-- name: values
SELECT code, coalesce(parent, 0), label, position, named FROM dimension_value
 WHERE dimension = :dimension ORDER BY level, code

-- name: last_code
SELECT coalesce(max(code), 0) FROM dimension_value

-- name: measure
SELECT decimals, unit, score AND lowest IS NOT NULL AND highest IS NOT NULL, lowest, highest FROM measure
 WHERE source = :source AND name = :name
