-- name: number
-- Of approved plans by which somebody was asked and somebody was not; of one wave a person counts by the first of them.
UPDATE plan_recipient SET comparison = abs(random() / 4) + 1
WHERE compared = 0 AND comparison IS NULL AND plan IN (
    SELECT plan FROM survey_plan WHERE survey = :survey AND approved_at < :before
    AND EXISTS (SELECT 1 FROM invitation WHERE invitation.plan = survey_plan.plan)
    AND EXISTS (SELECT 1 FROM plan_recipient AS other WHERE other.plan = survey_plan.plan AND other.holdout = 1))
AND NOT EXISTS (
    SELECT 1 FROM plan_recipient AS first JOIN survey_plan AS earlier USING (plan), survey_plan AS own
    WHERE own.plan = plan_recipient.plan AND earlier.survey = own.survey AND earlier.wave = own.wave AND earlier.plan < own.plan
    AND earlier.approved_at IS NOT NULL AND first.recipient = plan_recipient.recipient);

-- name: numbered
SELECT comparison, wave, approved_at, case_hash, holdout FROM plan_recipient JOIN survey_plan USING (plan)
WHERE survey = :survey AND comparison IS NOT NULL ORDER BY comparison;

-- name: mark
UPDATE plan_recipient SET compared = 1, comparison = NULL WHERE comparison = :response;

-- name: due
SELECT 1 FROM plan_recipient JOIN survey_plan USING (plan) WHERE survey = :survey AND compared = 0 AND approved_at < :before LIMIT 1;

-- name: source
SELECT 1 FROM source WHERE name = :name;
