-- name: find_key
SELECT id, version FROM case_key WHERE case_key = :case_key

-- name: write_key
INSERT INTO case_key (case_key, source, id, version, expires) VALUES (:case_key, :source, :id, :version, :expires)
ON CONFLICT (case_key) DO UPDATE SET id = excluded.id, version = excluded.version, expires = excluded.expires
