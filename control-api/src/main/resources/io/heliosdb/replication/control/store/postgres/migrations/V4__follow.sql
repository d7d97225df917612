-- What a job that follows the store needs.

-- Whether the tenant's rows are to leave the target once a replication has ended.
ALTER TABLE replication_configs ADD COLUMN cleanup_target boolean NOT NULL DEFAULT false;

-- A row per job, written every few seconds: its stream of the publication moves although nobody changes
-- a replication, and the store need not keep the WAL of reports for it.
CREATE TABLE feed_beats (
    source_connection_id uuid PRIMARY KEY,
    beaten_at            timestamptz NOT NULL
) WITH (fillfactor = 50);
ALTER PUBLICATION heliosdb_control ADD TABLE feed_beats;
