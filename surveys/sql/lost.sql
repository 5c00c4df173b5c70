-- name: note
INSERT INTO lost_span (lost_from, lost_until) VALUES (:from, :until);

-- name: halt
UPDATE survey_plan SET halted_at = :until, halted_by = :who WHERE halted_at IS NULL;

-- name: last
SELECT lost_from, lost_until FROM lost_span ORDER BY lost_until DESC LIMIT 1;

-- name: wave
-- Was it planned by then?
SELECT 1 FROM survey_plan WHERE survey = :survey AND wave = :wave AND planned_at <= :until LIMIT 1;
