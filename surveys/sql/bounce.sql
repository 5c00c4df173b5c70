-- name: find
-- With the brand whose opt-in the invitation rested on.
SELECT recipient, coalesce((SELECT controller FROM consent_event WHERE event = decision ->> 'consent_event'), '*')
FROM sending JOIN invitation USING (invitation) WHERE file_name = :id
UNION ALL SELECT recipient, controller FROM confirmation WHERE file_name = :id;

-- name: record
INSERT INTO bounce (recipient, kind, occurred_at, digest) VALUES (:recipient, :kind, :now, :digest) ON CONFLICT (digest) DO NOTHING;

-- name: has_left
SELECT 1 FROM consent_event WHERE recipient = :recipient AND evidence_hash = :evidence AND origin = 'mail';
