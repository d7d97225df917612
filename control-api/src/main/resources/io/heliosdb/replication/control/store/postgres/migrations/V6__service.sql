-- What a replication is owed and may take beside its tier, and how it is served.

ALTER TABLE replication_configs
    ADD COLUMN dedicated_bandwidth boolean NOT NULL DEFAULT false, -- a connection to the target of its own
    ADD COLUMN max_bytes_per_second bigint NOT NULL DEFAULT 0      -- to the target; 0: no bound
        CHECK (max_bytes_per_second = 0 OR max_bytes_per_second BETWEEN 16384 AND 1099511627776);

ALTER TABLE replication_status
    ADD COLUMN backlog_transactions bigint,
    ADD COLUMN backlog_bytes bigint,        -- before compression
    ADD COLUMN backlog_stored_bytes bigint, -- in state, and on the heap what is not there yet
    ADD COLUMN sla_violations bigint;       -- since the job began
