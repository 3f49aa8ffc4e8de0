-- Who did what. Append only; the head row is locked by each append, which keeps numbers dense and the chain single.
CREATE TABLE audit_records (
    sequence       BIGINT NOT NULL PRIMARY KEY,
    at             BIGINT NOT NULL,
    event          TEXT   NOT NULL,
    actor_kind     TEXT   NOT NULL,
    actor_id       TEXT   NOT NULL,
    tenant_id      TEXT   NULL,
    object_id      TEXT   NULL,
    detail         TEXT   NULL,
    digest         TEXT   NULL,
    correlation_id TEXT   NULL,
    previous_hash  BLOB   NOT NULL,
    hash           BLOB   NOT NULL,
    mac            BLOB   NOT NULL
);

CREATE INDEX audit_records_by_tenant ON audit_records (tenant_id, sequence);

CREATE TABLE audit_head (
    id       BIGINT NOT NULL PRIMARY KEY,
    sequence BIGINT NOT NULL,
    hash     BLOB   NOT NULL
);

INSERT INTO audit_head (id, sequence, hash) VALUES (1, 0, X'0000000000000000000000000000000000000000000000000000000000000000');
