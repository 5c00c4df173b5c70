-- name: links
DELETE FROM ticket WHERE expires_at <= :now AND expires_at < :before;

-- name: sendings
DELETE FROM sending WHERE invitation IN (SELECT invitation FROM invitation WHERE expires_at <= :now AND reserved_at < :before);

-- name: invitations
DELETE FROM invitation WHERE expires_at <= :now AND reserved_at < :before;

-- name: plans
DELETE FROM plan_recipient WHERE plan IN (SELECT plan FROM survey_plan WHERE planned_at < :before)
    AND NOT EXISTS (SELECT 1 FROM invitation WHERE invitation.plan = plan_recipient.plan AND invitation.recipient = plan_recipient.recipient);

-- name: figures
DELETE FROM plan_figure WHERE shown_at < :before;

-- name: identifiers
DELETE FROM recipient_identifier WHERE recipient NOT IN (
    SELECT recipient FROM consent_event UNION SELECT recipient FROM bounce UNION SELECT recipient FROM invitation
    UNION SELECT recipient FROM contact UNION SELECT recipient FROM plan_recipient);

-- name: recipients
DELETE FROM recipient WHERE recipient NOT IN (
    SELECT recipient FROM consent_event UNION SELECT recipient FROM bounce UNION SELECT recipient FROM invitation
    UNION SELECT recipient FROM contact UNION SELECT recipient FROM plan_recipient);
