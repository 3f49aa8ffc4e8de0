-- The configured receivers. The name is also the reader's name in positions; sink_id tells a sink from an earlier one of the same name.
-- seal: keyed, in hexadecimal, over what decides where alerts go; a row without a fitting one is not used.
CREATE TABLE sinks (
    name          TEXT   NOT NULL PRIMARY KEY,
    sink_id       TEXT   NOT NULL UNIQUE,
    kind          TEXT   NOT NULL,
    settings      TEXT   NOT NULL,
    credential_id TEXT   NULL,
    parked        BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    seal          TEXT   NOT NULL
);
