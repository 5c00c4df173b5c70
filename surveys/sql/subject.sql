-- name: channel
SELECT channel FROM recipient WHERE recipient = :recipient;

-- name: purposes
SELECT DISTINCT purpose FROM consent_event WHERE recipient = :recipient AND purpose <> '*';

-- name: contacts
SELECT controller FROM contact WHERE recipient = :recipient;

-- name: drop_contact
DELETE FROM contact WHERE recipient = :recipient AND controller = :controller;

-- name: erase_contacts
DELETE FROM contact WHERE recipient = :recipient AND updated_at <= :at;

-- name: messages
SELECT file_name FROM sending JOIN invitation USING (invitation)
WHERE recipient = :recipient AND sending.reserved_at <= :until
UNION ALL SELECT file_name FROM confirmation WHERE recipient = :recipient AND reserved_at <= :until;

-- name: withdraw_sending
UPDATE sending SET state = 'pulled' WHERE file_name = :file_name AND state IN ('reserved', 'spooled');

-- name: withdraw_confirmation
UPDATE confirmation SET state = 'pulled' WHERE file_name = :file_name AND state IN ('reserved', 'spooled');

-- name: withdraw_invitation
UPDATE invitation SET state = 'pulled'
WHERE invitation = (SELECT invitation FROM sending WHERE file_name = :file_name AND number = 0 AND state IN ('reserved', 'spooled'));

-- name: leave_plans
DELETE FROM plan_recipient WHERE recipient = :recipient;

-- name: tokens
SELECT token_hash FROM invitation WHERE recipient = :recipient AND reserved_at <= :at
UNION ALL SELECT token_hash FROM confirmation WHERE recipient = :recipient AND reserved_at <= :at;

-- name: drop_ticket
DELETE FROM ticket WHERE token_hash = :hash;

-- name: drop_waiting
DELETE FROM waiting WHERE token_hash = :hash;

-- name: drop_acts
DELETE FROM act WHERE token_hash = :hash;

-- name: erase_responses
DELETE FROM response WHERE invitation IN (SELECT invitation FROM invitation WHERE recipient = :recipient AND reserved_at <= :at);

-- name: keep_references
-- For the vendor, who has them.
INSERT INTO erased_reference (reference, disclosure)
SELECT sending.file_name, disclosure FROM sending JOIN invitation USING (invitation) JOIN disclosure USING (disclosure)
WHERE recipient = :recipient AND sending.reserved_at <= :at AND deleted_at IS NULL ON CONFLICT DO NOTHING;

-- name: erase_sendings
DELETE FROM sending WHERE invitation IN (SELECT invitation FROM invitation WHERE recipient = :recipient AND reserved_at <= :at);

-- name: erase_invitations
DELETE FROM invitation WHERE recipient = :recipient AND reserved_at <= :at;

-- name: erase_confirmations
DELETE FROM confirmation WHERE recipient = :recipient AND reserved_at <= :at;

-- name: add_bounce
INSERT INTO bounce (recipient, kind, occurred_at, digest) VALUES (:recipient, :kind, :at, :digest) ON CONFLICT (digest) DO NOTHING;

-- name: all_contacts
SELECT recipient, controller FROM contact ORDER BY recipient, controller;
