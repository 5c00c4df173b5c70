-- name: find
SELECT kind, survey, controller, wave, language, anonymous, expires_at, finished, opted_out, confirmed,
       EXISTS (SELECT 1 FROM partial WHERE partial.token_hash = ticket.token_hash), approved.questions
FROM ticket LEFT JOIN approved USING (survey) WHERE token_hash = :hash;

-- name: approved
SELECT questions FROM approved WHERE survey = :survey;

-- name: promised
SELECT 1 FROM ticket WHERE survey = :survey AND anonymous = 1 LIMIT 1;

-- name: load_partial
SELECT sealed FROM partial WHERE token_hash = :hash;

-- name: save_partial
INSERT INTO partial (token_hash, sealed) VALUES (:hash, :sealed) ON CONFLICT (token_hash) DO UPDATE SET sealed = excluded.sealed;

-- name: drop_partial
DELETE FROM partial WHERE token_hash = :hash;

-- name: spend
UPDATE ticket SET finished = 1 WHERE token_hash = :hash;

-- name: newest_seal
SELECT epoch, public_key FROM seal ORDER BY epoch DESC LIMIT 1;

-- name: add_waiting
INSERT INTO waiting (waiting, survey, wave, segment, token_hash, epoch, sealed, questions)
SELECT :waiting, survey, wave, segment, CASE WHEN anonymous THEN NULL ELSE token_hash END, :epoch, :sealed, :questions
FROM ticket WHERE token_hash = :hash;

-- name: mark_opted_out
UPDATE ticket SET opted_out = 1 WHERE token_hash = :hash;

-- name: mark_confirmed
UPDATE ticket SET confirmed = 1 WHERE token_hash = :hash;

-- name: add_act
INSERT INTO act (token_hash, kind, occurred_at) VALUES (:hash, :kind, :now) ON CONFLICT (token_hash, kind) DO NOTHING;
