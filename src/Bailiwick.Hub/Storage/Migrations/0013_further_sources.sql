-- Further sources of a connection, sorted and joined by commas; part of the row's seal when there are some.
ALTER TABLE connections ADD COLUMN also TEXT NOT NULL DEFAULT '';
