-- Who opted out of surveys is a claimant as well, so that the opt-out reaches every address that turns out to be that person's. Nothing
-- else follows from it; what was opted out of stands in surveys.db.
ALTER TABLE claimant ADD COLUMN left_at INTEGER; -- opted out of some survey; no case is touched
