-- name: recorded_keys
SELECT purpose, epoch, fingerprint FROM store_key

-- name: record_key
INSERT OR IGNORE INTO store_key (purpose, epoch, fingerprint) VALUES (:purpose, :epoch, :fingerprint)

-- name: counters
SELECT name, last FROM counter

-- name: save_counter
UPDATE counter SET last = :last WHERE name = :name
