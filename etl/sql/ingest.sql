-- name: same_size
SELECT count(*) FROM input_file WHERE source = :source AND bytes = :bytes

-- name: find_file
SELECT file FROM input_file WHERE source = :source AND digest = :digest

-- name: next_file
SELECT coalesce(max(file), 0) + 1 FROM input_file

-- name: add_file
INSERT INTO input_file (file, source, digest, bytes, name, accepted_at, covers_from, covers_to, counts)
VALUES (:file, :source, :digest, :bytes, :name, :accepted_at, :covers_from, :covers_to, :counts)
