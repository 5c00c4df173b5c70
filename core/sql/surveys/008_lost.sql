-- A database that came back from a backup does not know who was asked between the two instants.
-- Kept: while the workspace exists; no personal data.
CREATE TABLE lost_span (
    lost_from TEXT NOT NULL,               -- instant of the backup, as its manifest says
    lost_until INTEGER NOT NULL            -- instant of the restore
) STRICT;
