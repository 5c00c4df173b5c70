-- name: find_version
SELECT table_version, version FROM table_version WHERE name = :name AND definition = :definition;

-- name: add_version
INSERT INTO table_version (name, version, source, period_unit, definition, title, columns, dimensions)
VALUES (:name, (SELECT coalesce(max(version), 0) + 1 FROM table_version WHERE name = :name), :source, :unit, :definition, :title, :columns,
        :dimensions)
RETURNING table_version, version;

-- name: add_release
INSERT INTO release (name, as_of, program, config_digest, k, origin, state)
VALUES (:name, :as_of, :program, :config_digest, :k, :origin, 'staged');

-- name: add_row
INSERT INTO published_row (table_version, period, row, cells) VALUES (:version, :period, :row, :cells);

-- name: add_period
INSERT INTO published_period (table_version, period, release, outcome) VALUES (:version, :period, :release, 'published');

-- name: add_unfit
INSERT INTO unfit_period (name, period, release) VALUES (:name, :period, :release) ON CONFLICT DO NOTHING;

-- name: freeze
INSERT INTO frozen_period (source, unit, period, release) VALUES (:source, :unit, :period, :release)
ON CONFLICT (source, period) DO NOTHING;

-- name: add_lost
INSERT INTO lost_cell (table_version, period, cell, found_at)
VALUES (:version, :period, :cell, (SELECT as_of FROM release WHERE release = :release))
ON CONFLICT DO NOTHING;

-- name: mark_published
UPDATE release SET state = 'published' WHERE release = :release AND state = 'staged';

-- name: find_release
SELECT release, state FROM release WHERE name = :name;

-- name: withdraw
UPDATE release SET state = 'withdrawn', withdrawn_at = :now, withdrawn_because = :because WHERE release = :release;

-- name: sign_gap
INSERT INTO signed_gap (source, period, signed_at, signed_by) VALUES (:source, :period, :now, :who)
ON CONFLICT (source, period) DO NOTHING;

-- name: has_period
SELECT 1 FROM published_period JOIN table_version USING (table_version) WHERE name = :name AND period = :period
UNION ALL SELECT 2 FROM unfit_period WHERE name = :name AND period = :period;

-- name: is_frozen
SELECT 1 FROM frozen_period WHERE source = :name AND period = :period;

-- name: has_signed_gap
SELECT 1 FROM signed_gap WHERE source = :name AND period = :period;

-- name: releases
SELECT release, name, as_of, program, config_digest, k, state, origin = 'import' FROM release ORDER BY release;

-- name: rows_seen
SELECT table_version, period, row, release, cells
FROM published_row JOIN published_period USING (table_version, period)
WHERE table_version = :version ORDER BY period, row;

-- name: rows_shown
SELECT table_version, period, row, release, cells
FROM published_row JOIN published_period USING (table_version, period) JOIN release USING (release)
WHERE table_version = :version AND release <= :release AND state <> 'withdrawn' AND origin = 'publish' ORDER BY period, row;

-- name: frozen
SELECT source, unit, period, release FROM frozen_period WHERE release = :release ORDER BY source, period;

-- name: frozen_of
SELECT source, unit, period, release FROM frozen_period WHERE source = :source ORDER BY period;

-- name: taken
SELECT source, unit, period, release FROM frozen_period
UNION SELECT source, period_unit, period, release FROM published_period JOIN table_version USING (table_version)
ORDER BY source, period;

-- name: versions
SELECT table_version, version, name, source, period_unit, definition, title, columns, dimensions
FROM table_version ORDER BY name, version;

-- name: versions_known
SELECT table_version, version, name, source, period_unit, definition, title, columns, dimensions
FROM table_version
WHERE source = :source
  AND EXISTS (SELECT 1 FROM published_period WHERE published_period.table_version = table_version.table_version AND period BETWEEN :from AND :to)
ORDER BY name, version;

-- name: rows_known
SELECT table_version, period, row, release, cells
FROM published_row JOIN published_period USING (table_version, period)
WHERE table_version = :version AND period BETWEEN :from AND :to ORDER BY period, row;

-- name: ks
SELECT min(k), max(k) FROM release JOIN published_period USING (release) JOIN table_version USING (table_version)
WHERE source = :source AND period BETWEEN :from AND :to HAVING max(k) IS NOT NULL;

-- name: kinds
SELECT DISTINCT period_unit, origin = 'import', state = 'withdrawn'
FROM published_period JOIN table_version USING (table_version) JOIN release USING (release)
WHERE source = :source AND period BETWEEN :from AND :to
ORDER BY 2, 3, 1;
