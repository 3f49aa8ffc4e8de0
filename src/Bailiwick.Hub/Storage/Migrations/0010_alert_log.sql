-- The record of every alert version, and the places of those who write and read it.

-- One row a version, in the order of arrival, so that the large rows are only ever appended; the small index finds a tenant's.
-- previous: the log number of the version of the same alert stored before this one, 0 for the first: the chain of an alert's versions.
CREATE TABLE alert_log (
    alert_row    INTEGER NOT NULL PRIMARY KEY,
    tenant_key   BIGINT  NOT NULL,
    log_number   BIGINT  NOT NULL,
    previous     BIGINT  NOT NULL,
    source       TEXT    NOT NULL,
    alert_id     TEXT    NOT NULL,
    updated_at   BIGINT  NOT NULL,
    digest       BLOB    NOT NULL,
    collected_at BIGINT  NOT NULL,
    raw          BLOB    NOT NULL
);

CREATE UNIQUE INDEX alert_log_by_number ON alert_log (tenant_key, log_number);

-- The last log number given out per tenant.
CREATE TABLE alert_log_heads (
    tenant_key BIGINT NOT NULL PRIMARY KEY,
    log_number BIGINT NOT NULL
);

-- What was ever stored: the key is SHA-256 over tenant, source, alert id and version. Ordered by time, so appends stay together.
CREATE TABLE alert_identities (
    tenant_key BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    alert_key  BLOB   NOT NULL,
    PRIMARY KEY (tenant_key, updated_at, alert_key)
) WITHOUT ROWID;

-- The newest version of each alert, for queues and queries. stored_number: the version stored last, the head of the chain.
CREATE TABLE alerts (
    tenant_key BIGINT NOT NULL,
    source     TEXT   NOT NULL,
    alert_id   TEXT   NOT NULL,
    log_number BIGINT NOT NULL,
    stored_number BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    severity   BIGINT NOT NULL,
    status     BIGINT NOT NULL,
    PRIMARY KEY (tenant_key, source, alert_id)
) WITHOUT ROWID;

CREATE INDEX alerts_by_update ON alerts (updated_at);

-- What each walk asks: which alerts of one tenant and source were last updated in a window.
CREATE INDEX alerts_of_source ON alerts (tenant_key, source, updated_at);

-- Where a collector stands. cursor_at: everything updated before is stored. swept_*: last clean wider walks. backfilled_to: how far back the first run got.
CREATE TABLE checkpoints (
    tenant_key    BIGINT NOT NULL,
    source        TEXT   NOT NULL,
    cursor_at     BIGINT NOT NULL,
    walked_at     BIGINT NOT NULL,
    hour_swept_at BIGINT NOT NULL,
    day_swept_at  BIGINT NOT NULL,
    backfilled_to BIGINT NOT NULL,
    PRIMARY KEY (tenant_key, source)
);

-- How far a reader has confirmed a tenant's log. resend_from: where it stood at least 30 s before the last move, for receivers
-- that acknowledge nothing; mark_*: the candidate for the next resend_from.
CREATE TABLE positions (
    reader      TEXT   NOT NULL,
    tenant_key  BIGINT NOT NULL,
    log_number  BIGINT NOT NULL,
    moved_at    BIGINT NOT NULL,
    resend_from BIGINT NOT NULL,
    mark_number BIGINT NOT NULL,
    mark_at     BIGINT NOT NULL,
    PRIMARY KEY (reader, tenant_key)
);

-- What was set aside. reader: sink:<name> or collector:<source>. raw is capped; for a row of the log it is empty, the log holds it.
CREATE TABLE dead_letters (
    dead_letter_id TEXT   NOT NULL PRIMARY KEY,
    tenant_key     BIGINT NOT NULL,
    reader         TEXT   NOT NULL,
    log_number     BIGINT NULL,
    source         TEXT   NOT NULL,
    alert_id       TEXT   NOT NULL,
    reason         TEXT   NOT NULL,
    detail         TEXT   NOT NULL,
    raw            BLOB   NULL,
    set_aside_at   BIGINT NOT NULL,
    state          TEXT   NOT NULL,
    content_key    TEXT   NOT NULL
);

CREATE UNIQUE INDEX dead_letters_once ON dead_letters (reader, tenant_key, content_key);
