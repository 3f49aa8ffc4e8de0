-- When connectors that know only times could first see which log numbers. asked_at: the last time any of them asked, in ticks; it only grows.
CREATE TABLE compat_clock (
    clock_id BIGINT NOT NULL PRIMARY KEY,
    asked_at BIGINT NOT NULL
);

INSERT INTO compat_clock (clock_id, asked_at) VALUES (1, 0);

-- The log numbers after_number + 1 to log_number came into sight together. Each carries the time it was collected, moved into floor_at to ceil_at:
-- after everything that any earlier question could have answered.
CREATE TABLE compat_marks (
    tenant_key   BIGINT NOT NULL,
    log_number   BIGINT NOT NULL,
    after_number BIGINT NOT NULL,
    floor_at     BIGINT NOT NULL,
    ceil_at      BIGINT NOT NULL,
    PRIMARY KEY (tenant_key, log_number)
);

CREATE INDEX compat_marks_by_time ON compat_marks (ceil_at);
