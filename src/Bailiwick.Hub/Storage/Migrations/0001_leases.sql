-- Who may work on what. Every write made under a lease is conditional on its epoch.
CREATE TABLE leases (
    name        TEXT   NOT NULL PRIMARY KEY,
    owner       TEXT   NOT NULL,
    epoch       BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL
);
