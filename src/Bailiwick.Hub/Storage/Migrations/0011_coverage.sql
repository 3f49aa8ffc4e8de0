-- What was walked, hour by hour of last-update time. hour: hours since year 1, UTC.
-- covered_at: the cursor passed it; walked_at: last clean walk over all of it; proven_at: such a walk after the late horizon brought nothing new.
-- news_at: a version of this hour was last stored; versions: how many; last_number: the greatest log number among them.
CREATE TABLE coverage (
    tenant_key  BIGINT NOT NULL,
    source      TEXT   NOT NULL,
    hour        BIGINT NOT NULL,
    versions    BIGINT NOT NULL,
    last_number BIGINT NOT NULL,
    news_at     BIGINT NULL,
    covered_at  BIGINT NULL,
    walked_at   BIGINT NULL,
    proven_at   BIGINT NULL,
    PRIMARY KEY (tenant_key, source, hour)
);

-- How late, in ticks, the source has lately made records visible: the look-back follows it.
ALTER TABLE checkpoints ADD COLUMN late_by BIGINT NOT NULL DEFAULT 0;

-- Why a collector stands still, kept over restarts; a row only while it does.
CREATE TABLE collector_troubles (
    tenant_key BIGINT NOT NULL,
    source     TEXT   NOT NULL,
    since      BIGINT NOT NULL,
    reason     TEXT   NOT NULL,
    detail     TEXT   NOT NULL,
    PRIMARY KEY (tenant_key, source)
);

-- A customer whose collection somebody has put on hold, with the reason and the end. Never counted as covered.
CREATE TABLE customer_pauses (
    customer_id TEXT   NOT NULL PRIMARY KEY,
    reason      TEXT   NOT NULL,
    paused_by   TEXT   NOT NULL,
    paused_at   BIGINT NOT NULL,
    until_at    BIGINT NOT NULL
);
