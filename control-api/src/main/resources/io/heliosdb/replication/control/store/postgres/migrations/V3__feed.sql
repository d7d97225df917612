-- What the job follows with change data capture. Its rows carry versions: the higher one wins.
CREATE PUBLICATION heliosdb_control FOR TABLE connections, replication_configs;
