-- Who asks again when the link has run out gets another request to confirm: the first, second ... to that person.
ALTER TABLE confirmation ADD COLUMN request INTEGER NOT NULL DEFAULT 1;      -- 1, 2 ...: which one to that person
