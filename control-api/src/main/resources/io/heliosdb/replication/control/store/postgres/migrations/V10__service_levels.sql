-- How a replication is served, what waits for it, and what is not as it should be although it goes on.

ALTER TABLE replication_status
    ADD COLUMN conditions jsonb NOT NULL DEFAULT '[]', -- [{"code": …, "reason": …}]
    ADD COLUMN late boolean,                           -- beyond its lag limit, as the job counts it
    ADD COLUMN served_tier varchar(50),                -- what the job's schedule has, not what was ordered
    ADD COLUMN served_priority smallint,
    ADD COLUMN served_max_lag_seconds numeric(10, 3),
    ADD COLUMN backlog_rows bigint,
    ADD COLUMN backlog_oldest_seconds numeric(13, 3),  -- how long ago it was committed; 0: nothing waits
    ADD COLUMN total_transactions bigint NOT NULL DEFAULT 0,
    ADD COLUMN errors bigint NOT NULL DEFAULT 0,       -- so often it stopped
    ADD COLUMN compression jsonb;                      -- raw, Zstd alone, stored; by table

ALTER TABLE replication_metrics ADD COLUMN late boolean;

-- How much heap what waits may take; 0: no bound of its own.
ALTER TABLE replication_configs ALTER COLUMN backlog
    SET DEFAULT '{"memory_bytes": 0, "max_bytes": 10737418240, "max_age_seconds": 86400, "when_full": "Alarm"}';
UPDATE replication_configs SET backlog = '{"memory_bytes": 0}' || backlog;
