-- name: values
SELECT code, coalesce(parent, 0), label, coalesce(position, -1), named, last_day FROM dimension_value
WHERE dimension = :dimension ORDER BY level, code

-- name: add
INSERT INTO dimension_value (code, dimension, parent, level, label, position, named)
VALUES (:code, :dimension, nullif(:parent, 0), :level, :label, nullif(:position, -1), :named)

-- name: update
UPDATE dimension_value SET last_day = :last_day, named = :named, position = nullif(:position, -1) WHERE code = :code
