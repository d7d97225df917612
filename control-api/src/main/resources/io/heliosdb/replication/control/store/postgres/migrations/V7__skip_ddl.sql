-- Whether a skip leaves out only the DDL of the transaction at skip_position, and its rows are applied.
ALTER TABLE replication_configs ADD COLUMN skip_ddl boolean NOT NULL DEFAULT false;
