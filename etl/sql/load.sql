-- name: find_key
SELECT id, version, barred FROM case_key WHERE case_key = :case_key

-- name: find_keys
SELECT r.c0, k.id, k.version, k.barred FROM rows AS r CROSS JOIN case_key AS k ON k.case_key = r.c1

-- name: check_person
INSERT OR IGNORE INTO person_check (person) VALUES (:person)

-- name: add_keys
INSERT OR FAIL INTO case_key (case_key, source, id, version, expires, barred) SELECT c0, c1, c2, c3, c4, c5 FROM rows

-- name: write_keys
INSERT INTO case_key (case_key, source, id, version, expires, barred) SELECT c0, c1, c2, c3, c4, c5 FROM rows WHERE true
ON CONFLICT (case_key) DO UPDATE SET id = excluded.id, version = excluded.version, expires = excluded.expires,
    barred = excluded.barred
