-- The feeds that programs pull from. The name is also the reader's name in positions; feed_id tells a feed from an earlier one of the same name.
-- customers: a sorted list, null meaning all. seal: keyed, in hexadecimal, over what decides whose alerts a feed gives; a row without a fitting one is not used.
CREATE TABLE feeds (
    name       TEXT   NOT NULL PRIMARY KEY,
    feed_id    TEXT   NOT NULL UNIQUE,
    customers  TEXT   NULL,
    format     TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    seal       TEXT   NOT NULL
);

-- The batch handed out last to each audience of a feed (the customers that feed and key have in common), until the next one takes its place.
-- segments: JSON, which log numbers of which tenants. turn: the tenant key served last. confirmed: 0 while the batch is outstanding.
CREATE TABLE feed_batches (
    feed_id   TEXT   NOT NULL,
    audience  TEXT   NOT NULL,
    receipt   TEXT   NOT NULL,
    segments  TEXT   NOT NULL,
    records   BIGINT NOT NULL,
    turn      BIGINT NOT NULL,
    formed_at BIGINT NOT NULL,
    confirmed BIGINT NOT NULL,
    PRIMARY KEY (feed_id, audience)
);
