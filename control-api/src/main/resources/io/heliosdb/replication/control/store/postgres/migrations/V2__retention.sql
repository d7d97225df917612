-- Partitions and retention. A row goes to the default partition if there is none for its time yet, so
-- that a writer never fails because nobody made partitions for a while; maintain_partitions moves it.

CREATE TABLE data_retention_policies (
    table_name       varchar(255) PRIMARY KEY,
    retention_days   integer NOT NULL CHECK (retention_days > 0),
    cleanup_enabled  boolean NOT NULL DEFAULT true,
    partition_period varchar(10) NOT NULL CHECK (partition_period IN ('day', 'month'))
);

INSERT INTO data_retention_policies VALUES
    ('replication_metrics', 90, true, 'day'),
    ('replication_events', 365, true, 'month'),
    ('replication_checkpoints', 30, true, 'day'),
    ('access_predictions', 7, true, 'day'),
    ('failover_history', 730, true, 'month'),
    ('migration_history', 730, true, 'month'),
    ('replication_conflicts', 365, true, 'month'),
    ('audit_events', 730, true, 'month');

DO $$
DECLARE
    name text;
BEGIN
    FOR name IN SELECT table_name FROM data_retention_policies LOOP
        EXECUTE format('CREATE TABLE %I PARTITION OF %I DEFAULT', name || '_default', name);
    END LOOP;
END $$;

-- Makes the partition of this table that holds this time, with what the default one has of it.
-- Idempotent. Takes ACCESS EXCLUSIVE on the default partition, SHARE UPDATE EXCLUSIVE on the table.
CREATE FUNCTION ensure_partition(parent text, period text, at timestamptz) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    lower_bound timestamptz := date_trunc(period, at, 'UTC');
    upper_bound timestamptz := (lower_bound AT TIME ZONE 'UTC' + ('1 ' || period)::interval) AT TIME ZONE 'UTC';
    key text;
    part text := parent || '_p' || to_char(lower_bound AT TIME ZONE 'UTC',
        CASE period WHEN 'day' THEN 'YYYYMMDD' ELSE 'YYYYMM' END);
BEGIN
    IF to_regclass(part) IS NOT NULL THEN
        RETURN false;
    END IF;
    SELECT a.attname INTO STRICT key
    FROM pg_partitioned_table p JOIN pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = p.partattrs[0]
    WHERE p.partrelid = parent::regclass;
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', part, parent);
    EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', parent || '_default');
    EXECUTE format(
        'WITH moved AS (DELETE FROM %I WHERE %I >= %L AND %I < %L RETURNING *) INSERT INTO %I SELECT * FROM moved',
        parent || '_default', key, lower_bound, key, upper_bound, part);
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
        parent, part, lower_bound, upper_bound);
    RETURN true;
END $$;

-- Drops what is older than the policies say: whole partitions, so a row lives up to one period longer.
-- Rows in default partitions go one by one. Returns what was dropped or deleted from.
CREATE FUNCTION cleanup_old_data(at timestamptz DEFAULT now()) RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
    policy record;
    part record;
    key text;
    cutoff timestamptz;
    deleted bigint;
BEGIN
    FOR policy IN SELECT * FROM data_retention_policies WHERE cleanup_enabled ORDER BY table_name LOOP
        cutoff := at - make_interval(days => policy.retention_days);
        SELECT a.attname INTO STRICT key
        FROM pg_partitioned_table p JOIN pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = p.partattrs[0]
        WHERE p.partrelid = policy.table_name::regclass;
        FOR part IN
            SELECT c.relname,
                   (regexp_match(pg_get_expr(c.relpartbound, c.oid), 'TO \(''([^'']+)''\)'))[1]::timestamptz AS ends
            FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = policy.table_name::regclass
            ORDER BY 1
        LOOP
            IF part.ends IS NULL THEN
                EXECUTE format('DELETE FROM %I WHERE %I < %L', part.relname, key, cutoff);
                GET DIAGNOSTICS deleted = ROW_COUNT;
                IF deleted > 0 THEN
                    RETURN NEXT part.relname;
                END IF;
            ELSIF part.ends <= cutoff THEN
                EXECUTE format('DROP TABLE %I', part.relname);
                RETURN NEXT part.relname;
            END IF;
        END LOOP;
    END LOOP;
    -- What was deleted stays as long as the history that names it.
    DELETE FROM replication_configs c
    WHERE c.deleted_at < at - make_interval(days => (SELECT max(retention_days) FROM data_retention_policies))
      AND NOT EXISTS (SELECT FROM failover_history f WHERE f.replication_id = c.id);
    DELETE FROM connections c
    WHERE c.deleted_at < at - make_interval(days => (SELECT max(retention_days) FROM data_retention_policies))
      AND NOT EXISTS (SELECT FROM replication_configs r
                      WHERE c.id IN (r.source_connection_id, r.target_connection_id));
END $$;

-- Partitions for now, the period before (reports that come late) and some ahead. One caller at a time,
-- the others return at once.
CREATE FUNCTION maintain_partitions(at timestamptz DEFAULT now(), ahead integer DEFAULT 3) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    policy record;
    made integer := 0;
    step integer;
BEGIN
    IF NOT pg_try_advisory_xact_lock(7309453254211202) THEN
        RETURN 0;
    END IF;
    FOR policy IN SELECT * FROM data_retention_policies ORDER BY table_name LOOP
        FOR step IN -1 .. ahead LOOP
            IF ensure_partition(policy.table_name, policy.partition_period,
                    at + step * ('1 ' || policy.partition_period)::interval) THEN
                made := made + 1;
            END IF;
        END LOOP;
    END LOOP;
    RETURN made;
END $$;

SELECT maintain_partitions();
