-- A tenant's cloud decides where credentials are sent, so the row carries a seal. Counters give small numbers that are never used twice.
ALTER TABLE tenants ADD COLUMN seal BYTEA NULL;

CREATE TABLE counters (
    name  TEXT   NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);

INSERT INTO counters (name, value) VALUES ('tenant_key', 0);
