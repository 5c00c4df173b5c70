-- name: is_used
SELECT EXISTS (SELECT 1 FROM identifier WHERE epoch = :epoch)

-- name: forget
DELETE FROM store_key WHERE purpose = 'analytics' AND epoch = :epoch
