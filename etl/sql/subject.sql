-- name: find_event
SELECT digest FROM subject_event WHERE event = :event

-- name: add_event
INSERT INTO subject_event (event, digest, recorded_day) VALUES (:event, :digest, :day)

-- name: add_journal
INSERT INTO subject_journal (epoch, sealed) VALUES (:epoch, :sealed)

-- name: journal
SELECT number, epoch, sealed FROM subject_journal ORDER BY number

-- name: clear_journal
DELETE FROM subject_journal WHERE number <= :last
