-- How much may wait in the job for a replication, for how long, and what becomes of more.
ALTER TABLE replication_configs
    ADD COLUMN backlog jsonb NOT NULL
        DEFAULT '{"max_bytes": 10737418240, "max_age_seconds": 86400, "when_full": "Alarm"}';
