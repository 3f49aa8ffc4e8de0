-- Whether a collector's trouble lasts until somebody acts.
ALTER TABLE collector_troubles ADD COLUMN needs_person BIGINT NOT NULL DEFAULT 0;
