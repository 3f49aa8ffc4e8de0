-- Who we serve. tenant_key is the small integer that tenant-owned rows carry instead of the GUID.
CREATE TABLE customers (
    customer_id TEXT   NOT NULL PRIMARY KEY,
    name        TEXT   NOT NULL,
    name_key    TEXT   NOT NULL UNIQUE,
    created_at  BIGINT NOT NULL
);

CREATE TABLE tenants (
    tenant_key  BIGINT NOT NULL PRIMARY KEY,
    tenant_id   TEXT   NOT NULL UNIQUE,
    customer_id TEXT   NOT NULL REFERENCES customers (customer_id),
    cloud       TEXT   NOT NULL,
    region      TEXT   NULL,
    created_at  BIGINT NOT NULL
);

CREATE INDEX tenants_by_customer ON tenants (customer_id);
