-- A tenant may have two connections: the one that collects, and one that sees with other eyes and is only compared with. The purpose is part of the row's
-- seal unless it is to collect.
CREATE TABLE purposeful_connections (
    connection_id  TEXT   NOT NULL PRIMARY KEY,
    tenant_id      TEXT   NOT NULL REFERENCES tenants (tenant_id),
    purpose        TEXT   NOT NULL,
    application_id TEXT   NOT NULL REFERENCES applications (application_id),
    flow           TEXT   NOT NULL,
    source         TEXT   NOT NULL,
    also           TEXT   NOT NULL,
    credential_id  TEXT   NULL,
    state          TEXT   NOT NULL,
    visibility     TEXT   NOT NULL,
    proven_at      BIGINT NOT NULL,
    last_error     TEXT   NULL,
    last_detail    TEXT   NULL,
    changed_at     BIGINT NOT NULL,
    seal           BLOB   NOT NULL,
    UNIQUE (tenant_id, purpose)
);

INSERT INTO purposeful_connections (connection_id, tenant_id, purpose, application_id, flow, source, also, credential_id, state, visibility, proven_at, last_error, last_detail, changed_at, seal)
SELECT connection_id, tenant_id, 'Collect', application_id, flow, source, also, credential_id, state, visibility, proven_at, last_error, last_detail, changed_at, seal FROM connections;

DROP TABLE connections;

ALTER TABLE purposeful_connections RENAME TO connections;
