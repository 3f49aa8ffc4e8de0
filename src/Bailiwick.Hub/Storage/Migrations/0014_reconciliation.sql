-- When two sources of a tenant were last compared, and why the last attempt failed.
CREATE TABLE reconciliations (
    tenant_key  BIGINT NOT NULL,
    source      TEXT   NOT NULL,
    other       TEXT   NOT NULL,
    tried_at    BIGINT NOT NULL,
    compared_at BIGINT NULL,
    reason      TEXT   NULL,
    detail      TEXT   NULL,
    PRIMARY KEY (tenant_key, source, other)
);

-- What one of them shows and the other does not. record_at: the record's time, by which it is looked for again.
CREATE TABLE differences (
    tenant_key BIGINT NOT NULL,
    source     TEXT   NOT NULL,
    other      TEXT   NOT NULL,
    missing_in TEXT   NOT NULL,
    record_id  TEXT   NOT NULL,
    record_at  BIGINT NOT NULL,
    likely     TEXT   NOT NULL,
    found_at   BIGINT NOT NULL,
    PRIMARY KEY (tenant_key, source, other, missing_in, record_id)
);
