-- The configured receivers. The name is also the reader's name in positions; sink_id tells a sink from an earlier one of the same name.
CREATE TABLE sinks (
    name          TEXT   NOT NULL PRIMARY KEY,
    sink_id       TEXT   NOT NULL UNIQUE,
    kind          TEXT   NOT NULL,
    settings      TEXT   NOT NULL,
    credential_id TEXT   NULL,
    parked        BIGINT NOT NULL,
    created_at    BIGINT NOT NULL
);
