-- The provider's applications and, per tenant, how the hub gets its tokens. Credentials are in the vault; rows that decide where they go are sealed.
CREATE TABLE applications (
    application_id        TEXT   NOT NULL PRIMARY KEY,
    name                  TEXT   NOT NULL UNIQUE,
    client_id             TEXT   NOT NULL,
    credential_kind       TEXT   NOT NULL,
    credential_id         TEXT   NOT NULL,
    credential_expires_at BIGINT NULL,
    created_at            BIGINT NOT NULL,
    seal                  BYTEA  NOT NULL
);

CREATE TABLE connections (
    connection_id  TEXT   NOT NULL PRIMARY KEY,
    tenant_id      TEXT   NOT NULL UNIQUE REFERENCES tenants (tenant_id),
    application_id TEXT   NOT NULL REFERENCES applications (application_id),
    flow           TEXT   NOT NULL,
    source         TEXT   NOT NULL,
    credential_id  TEXT   NULL,
    state          TEXT   NOT NULL,
    visibility     TEXT   NOT NULL,
    proven_at      BIGINT NOT NULL,
    last_error     TEXT   NULL,
    last_detail    TEXT   NULL,
    changed_at     BIGINT NOT NULL,
    seal           BYTEA  NOT NULL
);
