-- Whether what waits for it goes to state encrypted, as the job has it.
ALTER TABLE replication_status ADD COLUMN backlog_encrypted boolean;
