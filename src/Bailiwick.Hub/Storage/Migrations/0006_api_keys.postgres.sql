-- Keys of API clients: only a keyed hash is kept. customers and actions are sorted lists, null meaning all that the role gives.
CREATE TABLE api_keys (
    key_id     TEXT   NOT NULL PRIMARY KEY,
    name       TEXT   NOT NULL,
    hash       BYTEA  NOT NULL UNIQUE,
    role       TEXT   NOT NULL,
    customers  TEXT   NULL,
    actions    TEXT   NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT NULL,
    seal       BYTEA  NOT NULL
);
