-- name: is_there
SELECT 1 FROM confirmation WHERE confirmation = :confirmation;

-- name: add
INSERT INTO confirmation (confirmation, recipient, controller, survey, wave, language, event, token_hash, key_epoch, file_name, reserved_at, expires_at, state)
VALUES (:confirmation, :recipient, :controller, :survey, :wave, :language, :event, :token_hash, :epoch, :file_name, :now, :expires, :state);
