-- name: has_source
SELECT 1 FROM source JOIN pragma_table_list ON pragma_table_list.name = 'case_' || source.name WHERE source.name = :source;

-- name: spans
SELECT covers_from, covers_to, accepted_at FROM input_file JOIN source USING (source)
WHERE source.name = :source ORDER BY file;
