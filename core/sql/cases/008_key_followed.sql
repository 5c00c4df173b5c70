-- A rotation ends: a year after an epoch of the analytics key was followed by another, what no stored case carries goes with it.
ALTER TABLE store_key ADD COLUMN followed INTEGER; -- analytics: local day of the first night after another epoch took its place
