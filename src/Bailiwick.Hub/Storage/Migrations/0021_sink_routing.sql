-- Which versions a sink gets and what is taken out of them; an object, empty for everything. Part of the row's seal.
ALTER TABLE sinks ADD COLUMN routing TEXT NOT NULL DEFAULT '{}';
