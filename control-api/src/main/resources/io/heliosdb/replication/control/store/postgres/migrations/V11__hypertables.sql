-- Series tables are hypertables where TimescaleDB is installed in the database, partitioned tables where it
-- is not. Later migrations must do for both: ALTER TABLE and CREATE INDEX do; a new series table is made
-- partitioned, with its policy, and becomes a hypertable when the store is next opened.

ALTER TABLE data_retention_policies ADD COLUMN time_column varchar(63);
UPDATE data_retention_policies d
SET time_column = (SELECT a.attname
                   FROM pg_partitioned_table p
                   JOIN pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = p.partattrs[0]
                   WHERE p.partrelid = d.table_name::regclass);
ALTER TABLE data_retention_policies ALTER COLUMN time_column SET NOT NULL;

-- Where TimescaleDB has its functions; null if it is not installed, or older than 2.13.
CREATE FUNCTION timescale_schema() RETURNS name
LANGUAGE sql STABLE AS $$
    SELECT n.nspname
    FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
    WHERE e.extname = 'timescaledb'
      AND EXISTS (SELECT FROM pg_proc p WHERE p.pronamespace = n.oid AND p.proname = 'by_range')
$$;

-- Makes a hypertable of a partitioned series table, with its rows, indexes, grants and names; false if another
-- session is at partitions. Foreign keys are left behind: a chunk that comes or goes would lock the tables that
-- they name against every writer, which ends in deadlocks (timescaledb issues 4800, 7429); cleanup_old_data
-- does what they did. Takes ACCESS EXCLUSIVE on the table from the first to the last moment. All or nothing.
CREATE FUNCTION make_hypertable(series text) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    timescale name := timescale_schema();
    aside text := series || '_partitioned';
    policy record;
    was regclass;
    counter text;
    counted bigint;
    called boolean;
    again text;
    afterwards text[];
BEGIN
    IF NOT pg_try_advisory_xact_lock(7309453254211202) THEN
        RETURN false;
    END IF;
    SELECT d.time_column, CASE d.partition_period WHEN 'day' THEN interval '1 day' ELSE interval '30 days' END AS chunk
    INTO STRICT policy FROM data_retention_policies d WHERE d.table_name = series;
    EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', series);
    was := series::regclass;
    IF (SELECT relkind FROM pg_class WHERE oid = was) <> 'p' THEN
        RETURN false;
    END IF;
    IF EXISTS (SELECT FROM pg_trigger WHERE tgrelid = was AND NOT tgisinternal)
        OR EXISTS (SELECT FROM pg_policy WHERE polrelid = was)
        OR EXISTS (SELECT FROM pg_publication_rel WHERE prrelid = was) THEN
        RAISE EXCEPTION 'table % has triggers, policies or publications that are not the store''s own', series
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;

    -- In this order: keys and indexes with their names, the owner, grants on the table and on columns.
    SELECT array_agg(statement ORDER BY place) INTO afterwards
    FROM (SELECT 1, format('ALTER TABLE %I ADD CONSTRAINT %I %s', series, conname, pg_get_constraintdef(oid))
          FROM pg_constraint WHERE conrelid = was AND contype IN ('p', 'u')
          UNION ALL
          SELECT 2, replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON ')
          FROM pg_index WHERE indrelid = was
            AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u'))
          UNION ALL
          SELECT 3, format('ALTER TABLE %I OWNER TO %s', series, relowner::regrole)
          FROM pg_class WHERE oid = was AND relowner <> current_user::regrole
          UNION ALL
          SELECT 4, format('GRANT %s ON %I TO %s%s', g.privilege_type, series,
                           CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE g.grantee::regrole::text END,
                           CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
          FROM pg_class c, aclexplode(c.relacl) g WHERE c.oid = was AND g.grantee <> c.relowner
          UNION ALL
          SELECT 5, format('GRANT %s (%I) ON %I TO %s%s', g.privilege_type, a.attname, series,
                           CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE g.grantee::regrole::text END,
                           CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
          FROM pg_attribute a, aclexplode(a.attacl) g WHERE a.attrelid = was) AS s (place, statement);
    SELECT pg_get_serial_sequence(series, attname) INTO counter
    FROM pg_attribute WHERE attrelid = was AND attidentity <> '';
    IF counter IS NOT NULL THEN
        EXECUTE format('SELECT last_value, is_called FROM %s', counter) INTO counted, called;
    END IF;

    EXECUTE format('ALTER TABLE %I RENAME TO %I', series, aside);
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL EXCLUDING INDEXES)', series, aside);
    EXECUTE format('SELECT FROM %1$I.create_hypertable(%2$L::regclass, %1$I.by_range(%3$L, %4$L::interval),'
        ' create_default_indexes => false)', timescale, series, policy.time_column, policy.chunk);
    EXECUTE format('INSERT INTO %I SELECT * FROM %I', series, aside);
    EXECUTE format('DROP TABLE %I', aside);
    IF counter IS NOT NULL THEN
        SELECT pg_get_serial_sequence(series, attname) INTO again
        FROM pg_attribute WHERE attrelid = series::regclass AND attidentity <> '';
        PERFORM setval(again, counted, called);
        EXECUTE format('ALTER SEQUENCE %s RENAME TO %s', again, split_part(counter, '.', 2));
    END IF;
    FOREACH again IN ARRAY coalesce(afterwards, '{}') LOOP
        EXECUTE again;
    END LOOP;
    EXECUTE format('ANALYZE %I', series);
    RETURN true;
END $$;

-- Drops what is older than the policies say: whole partitions or chunks, so a row lives up to one period
-- longer. Rows in default partitions, and in what was a hypertable before TimescaleDB was taken away, go one
-- by one. Returns what was dropped or deleted from.
CREATE OR REPLACE FUNCTION cleanup_old_data(at timestamptz DEFAULT now()) RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
    timescale name := timescale_schema();
    gone_since timestamptz := at - make_interval(days => (SELECT max(retention_days) FROM data_retention_policies));
    policy record;
    part record;
    cutoff timestamptz;
    deleted bigint;
BEGIN
    FOR policy IN
        SELECT d.*, c.relkind FROM data_retention_policies d JOIN pg_class c ON c.oid = d.table_name::regclass
        WHERE d.cleanup_enabled ORDER BY d.table_name
    LOOP
        cutoff := at - make_interval(days => policy.retention_days);
        IF policy.relkind = 'r' AND timescale IS NOT NULL THEN
            RETURN QUERY EXECUTE format('SELECT c FROM %I.drop_chunks(%L::regclass, older_than => %L::timestamptz) c',
                timescale, policy.table_name, cutoff);
            CONTINUE;
        END IF;
        FOR part IN
            SELECT c.relname,
                   (regexp_match(pg_get_expr(c.relpartbound, c.oid), 'TO \(''([^'']+)''\)'))[1]::timestamptz AS ends
            FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = policy.table_name::regclass AND policy.relkind = 'p'
            UNION ALL
            SELECT policy.table_name, NULL WHERE policy.relkind = 'r'
            ORDER BY 1
        LOOP
            IF part.ends IS NULL THEN
                EXECUTE format('DELETE FROM %I WHERE %I < %L', part.relname, policy.time_column, cutoff);
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
    -- What was deleted stays as long as the history that names it. Hypertables have no foreign keys: what a
    -- policy that is off has left of it goes first.
    FOR policy IN
        SELECT d.table_name FROM data_retention_policies d JOIN pg_class c ON c.oid = d.table_name::regclass
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'replication_id'
        WHERE c.relkind = 'r' AND d.table_name <> 'failover_history'
          AND EXISTS (SELECT FROM replication_configs WHERE deleted_at < gone_since)
    LOOP
        EXECUTE format('DELETE FROM %I s USING replication_configs c WHERE c.id = s.replication_id AND c.deleted_at < %L'
            ' AND NOT EXISTS (SELECT FROM failover_history f WHERE f.replication_id = c.id)',
            policy.table_name, gone_since);
    END LOOP;
    DELETE FROM replication_configs c
    WHERE c.deleted_at < gone_since
      AND NOT EXISTS (SELECT FROM failover_history f WHERE f.replication_id = c.id);
    WITH gone AS (
        DELETE FROM connections c
        WHERE c.deleted_at < gone_since
          AND NOT EXISTS (SELECT FROM replication_configs r
                          WHERE c.id IN (r.source_connection_id, r.target_connection_id))
        RETURNING c.id
    )
    DELETE FROM source_job_events e USING gone WHERE e.connection_id = gone.id;
END $$;

-- Partitions for now, the period before (reports that come late) and some ahead; chunks come by themselves.
-- One caller at a time, the others return at once.
CREATE OR REPLACE FUNCTION maintain_partitions(at timestamptz DEFAULT now(), ahead integer DEFAULT 3) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
    policy record;
    made integer := 0;
    step integer;
BEGIN
    IF NOT pg_try_advisory_xact_lock(7309453254211202) THEN
        RETURN 0;
    END IF;
    FOR policy IN
        SELECT d.* FROM data_retention_policies d JOIN pg_class c ON c.oid = d.table_name::regclass
        WHERE c.relkind = 'p' ORDER BY d.table_name
    LOOP
        FOR step IN -1 .. ahead LOOP
            IF ensure_partition(policy.table_name, policy.partition_period,
                    at + step * ('1 ' || policy.partition_period)::interval) THEN
                made := made + 1;
            END IF;
        END LOOP;
    END LOOP;
    RETURN made;
END $$;
