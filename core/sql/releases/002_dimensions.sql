-- What a table's dimensions were when it was published: a later table is linked with it only while they are the same.
ALTER TABLE table_version ADD COLUMN dimensions TEXT; -- JSON: digest by name; NULL: imported, not known
