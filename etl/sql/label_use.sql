-- name: change
INSERT INTO dimension_use (code, cases) VALUES (:code, :cases) ON CONFLICT (code) DO UPDATE SET cases = cases + excluded.cases

-- name: any_unused
SELECT EXISTS (SELECT 1 FROM dimension_use WHERE cases = 0)

-- name: ask_parents
INSERT OR IGNORE INTO dimension_use (code, cases)
SELECT v.parent, 0 FROM dimension_use AS u JOIN dimension_value AS v USING (code) WHERE u.cases = 0 AND v.named = 0 AND v.parent IS NOT NULL

-- name: delete_unused
DELETE FROM dimension_value WHERE code IN (SELECT code FROM dimension_use WHERE cases = 0) AND named = 0
    AND NOT EXISTS (SELECT 1 FROM dimension_value AS child WHERE child.parent = dimension_value.code)

-- name: forget_unused
DELETE FROM dimension_use WHERE cases = 0

-- name: uncounted
SELECT dimension, name FROM dimension WHERE source = :source AND counted = 0

-- name: ask_all
INSERT OR IGNORE INTO dimension_use (code, cases) SELECT code, 0 FROM dimension_value WHERE dimension = :dimension

-- name: set_counted
UPDATE dimension SET counted = 1 WHERE dimension = :dimension
