-- name: recorded_keys
SELECT purpose, epoch, fingerprint FROM store_key ORDER BY purpose, epoch

-- name: record_key
INSERT OR IGNORE INTO store_key (purpose, epoch, fingerprint) VALUES (:purpose, :epoch, :fingerprint)

-- name: counters
SELECT name, last FROM counter

-- name: save_counter
UPDATE counter SET last = :last WHERE name = :name

-- name: forget_key
DELETE FROM store_key WHERE purpose = :purpose AND epoch = :epoch
