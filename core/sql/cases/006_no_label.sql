-- A row of somebody who had refused recording was stored with a label that does not exist. Where a dimension is counted that is
-- mended (etl/label_use.c), so all are counted anew, once.
DELETE FROM dimension_use;
UPDATE dimension SET counted = 0;
