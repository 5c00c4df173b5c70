-- name: values
SELECT code, coalesce(parent, 0), label, coalesce(position, -1), named FROM dimension_value
WHERE dimension = :dimension ORDER BY level, code

-- name: is_in_use
SELECT 1 FROM dimension_use WHERE code = :code AND cases > 0

-- name: store
INSERT INTO dimension_value (code, dimension, parent, level, label, position, named)
VALUES (:code, :dimension, nullif(:parent, 0), :level, :label, nullif(:position, -1), :named)
ON CONFLICT (code) DO UPDATE SET named = excluded.named, position = excluded.position
WHERE named <> excluded.named OR position IS NOT excluded.position
