-- name: earlier
SELECT reserved_at, expires_at, state = 'pulled' AND reserved_at < :approved_at FROM confirmation WHERE confirmation = :confirmation;

-- name: asks_again
-- A flag of an export is no new request: it comes with every case.
SELECT 1 FROM consent_event
WHERE recipient = :recipient AND controller IN (:controller, '*') AND purpose IN (:purpose, '*') AND kind IN ('opt_in', 'opt_in_requested')
  AND origin = 'event' AND occurred_at > :since AND occurred_at <= :now;
