-- Credentials exist only as envelope-encrypted rows. owner is a tenant id, 'provider', or 'hub' for the root key.
CREATE TABLE vault_keks (
    kek_id      TEXT   NOT NULL PRIMARY KEY,
    check_value BLOB   NOT NULL,
    created_at  BIGINT NOT NULL
);

CREATE TABLE vault_data_keys (
    key_id      TEXT   NOT NULL PRIMARY KEY,
    owner       TEXT   NOT NULL,
    purpose     TEXT   NOT NULL,
    kek_id      TEXT   NOT NULL REFERENCES vault_keks (kek_id),
    wrapped     BLOB   NOT NULL,
    uses        BIGINT NOT NULL,
    created_at  BIGINT NOT NULL
);

CREATE INDEX vault_data_keys_by_owner ON vault_data_keys (owner, purpose, created_at);

CREATE TABLE vault_credentials (
    credential_id TEXT   NOT NULL,
    version       BIGINT NOT NULL,
    owner         TEXT   NOT NULL,
    purpose       TEXT   NOT NULL,
    key_id        TEXT   NOT NULL REFERENCES vault_data_keys (key_id),
    sealed        BLOB   NOT NULL,
    created_at    BIGINT NOT NULL,
    PRIMARY KEY (credential_id, version)
);

CREATE INDEX vault_credentials_by_key ON vault_credentials (key_id);
