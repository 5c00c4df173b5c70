-- name: add_plan
INSERT INTO survey_plan (survey, wave, planned_at, planned_by, plan_hash, audience_digest, questions_digest, anonymity)
VALUES (:survey, :wave, :now, :who, :hash, :audience, :questions, :anonymity);

-- name: add_recipient
INSERT INTO plan_recipient (plan, recipient, case_hash, language, segment, holdout, quotas)
VALUES (:plan, :recipient, :case_hash, :language, :segment, :holdout, :quotas);

-- name: find_hash
SELECT plan FROM survey_plan WHERE plan_hash = :hash;

-- name: newest
SELECT plan, plan_hash, audience_digest, questions_digest, planned_by, coalesce(approved_by, ''), planned_at,
       coalesce(approved_at, 0), coalesce(halted_at, 0), coalesce(halted_by, '')
FROM survey_plan WHERE survey = :survey AND wave = :wave ORDER BY plan DESC LIMIT 1;

-- name: approve
UPDATE survey_plan SET approved_at = :now, approved_by = :who WHERE plan = :plan AND approved_at IS NULL;

-- name: halt
UPDATE survey_plan SET halted_at = :now, halted_by = :who WHERE survey = :survey AND halted_at IS NULL;

-- name: other_anonymity
SELECT 1 FROM survey_plan JOIN invitation USING (plan)
WHERE survey_plan.survey = :survey AND anonymity <> :anonymity LIMIT 1;

-- name: halts
SELECT count(DISTINCT halted_at) FROM survey_plan WHERE survey = :survey AND halted_at IS NOT NULL;
