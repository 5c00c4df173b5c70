-- name: forget
DELETE FROM source_identifier WHERE NOT EXISTS (SELECT 1 FROM input_file) AND NOT EXISTS (SELECT 1 FROM claimant)
    AND NOT EXISTS (SELECT 1 FROM hold) AND NOT EXISTS (SELECT 1 FROM subject_event)

-- name: note
INSERT OR IGNORE INTO source_identifier (source, kind) VALUES (:source, :kind)

-- name: known
SELECT source.name, identifier_kind.name FROM source_identifier JOIN source USING (source) JOIN identifier_kind USING (kind)
WHERE EXISTS (SELECT 1 FROM input_file) OR EXISTS (SELECT 1 FROM claimant) OR EXISTS (SELECT 1 FROM hold)
    OR EXISTS (SELECT 1 FROM subject_event)
ORDER BY source, kind
