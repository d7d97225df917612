-- What captures DDL at the source: event triggers that tell the state of what a command has changed,
-- in a signed logical message of its transaction. Needs superuser once. Every statement is
-- idempotent; statements are separated by a line of two dashes.
CREATE TABLE IF NOT EXISTS heliosdb.ddl_table (
    relid oid PRIMARY KEY,
    definition jsonb NOT NULL,
    publications text[] NOT NULL,
    rewritten boolean NOT NULL DEFAULT false
)
--
CREATE TABLE IF NOT EXISTS heliosdb.ddl_type (typid oid PRIMARY KEY, definition jsonb NOT NULL)
--
CREATE TABLE IF NOT EXISTS heliosdb.ddl_sequence (relid oid PRIMARY KEY, definition jsonb NOT NULL)
--
REVOKE ALL ON heliosdb.ddl_table, heliosdb.ddl_type, heliosdb.ddl_sequence FROM PUBLIC
--
-- The publications that a table or anything above it in its partition tree belongs to.
CREATE OR REPLACE FUNCTION heliosdb.ddl_publications(which oid) RETURNS text[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT coalesce(array_agg(p.pubname::text ORDER BY p.pubname), '{}')
    FROM pg_publication p
    JOIN pg_class c ON c.oid = which AND c.relpersistence = 'p' AND c.relkind IN ('r', 'p')
    WHERE p.puballtables OR EXISTS (
        SELECT FROM (SELECT c.oid AS relid
                     UNION SELECT x.relid FROM pg_partition_ancestors(c.oid) AS x) AS a
        JOIN pg_class k ON k.oid = a.relid
        WHERE EXISTS (SELECT FROM pg_publication_rel r
                      WHERE r.prpubid = p.oid AND r.prrelid = a.relid)
           OR EXISTS (SELECT FROM pg_publication_namespace s
                      WHERE s.pnpubid = p.oid AND s.pnnspid = k.relnamespace))
$$
--
-- A sequence without its value.
CREATE OR REPLACE FUNCTION heliosdb.ddl_sequence_definition(which oid) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT jsonb_build_object(
        'schema', n.nspname, 'name', c.relname, 'type', format_type(s.seqtypid, NULL),
        'start', s.seqstart, 'increment', s.seqincrement, 'minimum', s.seqmin,
        'maximum', s.seqmax, 'cache', s.seqcache, 'cycle', s.seqcycle,
        'ownerSchema', tn.nspname, 'ownerTable', t.relname, 'ownerColumn', a.attname,
        'ofIdentity', coalesce(o.deptype = 'i', false))
    FROM pg_sequence s
    JOIN pg_class c ON c.oid = s.seqrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_depend o
      ON o.classid = 'pg_class'::regclass AND o.objid = s.seqrelid
     AND o.refclassid = 'pg_class'::regclass AND o.refobjsubid > 0 AND o.deptype IN ('a', 'i')
    LEFT JOIN pg_class t ON t.oid = o.refobjid
    LEFT JOIN pg_namespace tn ON tn.oid = t.relnamespace
    LEFT JOIN pg_attribute a ON a.attrelid = o.refobjid AND a.attnum = o.refobjsubid
    WHERE s.seqrelid = which AND c.relpersistence <> 't'
$$
--
-- A table by its catalog: the facts of CatalogReader, and the numbers of columns, by which a renamed
-- column is known, and what rows of before a column's addition read in it.
CREATE OR REPLACE FUNCTION heliosdb.ddl_table_definition(which oid) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp SET datestyle = 'ISO, YMD' SET timezone = 'UTC'
SET intervalstyle = 'postgres' SET extra_float_digits = 3 SET bytea_output = 'hex' AS $$
    SELECT jsonb_build_object(
        'schema', n.nspname, 'name', c.relname, 'oid', c.oid::bigint, 'kind', c.relkind,
        'persistence', c.relpersistence, 'replicaIdentity', c.relreplident,
        'partition', c.relispartition,
        'root', CASE WHEN c.relispartition THEN
            (SELECT jsonb_build_array(rn.nspname, r.relname)
             FROM pg_class r JOIN pg_namespace rn ON rn.oid = r.relnamespace
             WHERE r.oid = pg_partition_root(c.oid)) END,
        'partitionKey', CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END,
        'bound', pg_get_expr(c.relpartbound, c.oid),
        'identityNumbers', (SELECT coalesce(jsonb_agg(k), '[]')
                            FROM pg_index i CROSS JOIN unnest(i.indkey) AS k
                            WHERE i.indrelid = c.oid
                              AND (c.relreplident = 'd' AND i.indisprimary
                                   OR c.relreplident = 'i' AND i.indisreplident)),
        'options', to_jsonb(coalesce(c.reloptions, '{}')),
        'parents', (SELECT coalesce(jsonb_agg(jsonb_build_array(pn.nspname, p.relname)
                                              ORDER BY i.inhseqno), '[]')
                    FROM pg_inherits i
                    JOIN pg_class p ON p.oid = i.inhparent
                    JOIN pg_namespace pn ON pn.oid = p.relnamespace
                    WHERE i.inhrelid = c.oid),
        'columns', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                'number', a.attnum, 'name', a.attname,
                'type', format_type(a.atttypid, a.atttypmod),
                'keyType', (WITH RECURSIVE base AS (
                                SELECT t.oid, t.typtype, t.typbasetype
                                UNION ALL
                                SELECT b.oid, b.typtype, b.typbasetype
                                FROM base JOIN pg_type b ON b.oid = base.typbasetype
                                WHERE base.typtype = 'd')
                            SELECT format_type(oid, -1) FROM base WHERE typtype <> 'd'),
                'collation', CASE WHEN a.attcollation <> t.typcollation THEN
                    (SELECT quote_ident(cn.nspname) || '.' || quote_ident(co.collname)
                     FROM pg_collation co JOIN pg_namespace cn ON cn.oid = co.collnamespace
                     WHERE co.oid = a.attcollation) END,
                'expression', pg_get_expr(d.adbin, d.adrelid),
                'notNull', a.attnotnull, 'identity', a.attidentity, 'generated', a.attgenerated,
                'missing', CASE c.relkind
                    WHEN 'r' THEN (a.attmissingval::text::text[])[1]
                    ELSE (SELECT (l.attmissingval::text::text[])[1]
                          FROM pg_partition_tree(c.oid) AS p
                          JOIN pg_attribute l ON l.attrelid = p.relid AND l.attname = a.attname
                          WHERE p.isleaf AND l.atthasmissing LIMIT 1) END)
                ORDER BY a.attnum), '[]')
            FROM pg_attribute a
            JOIN pg_type t ON t.oid = a.atttypid
            LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
        'constraints', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                'name', k.conname, 'kind', k.contype, 'definition', pg_get_constraintdef(k.oid),
                'validated', k.convalidated, 'inherited', NOT k.conislocal,
                'otherSchema', fn.nspname, 'otherTable', f.relname)
                ORDER BY array_position('{p,u,x,c,f}', k.contype::text), k.conname), '[]')
            FROM pg_constraint k
            LEFT JOIN pg_class f ON f.oid = k.confrelid
            LEFT JOIN pg_namespace fn ON fn.oid = f.relnamespace
            WHERE k.conrelid = c.oid AND k.contype IN ('p', 'u', 'x', 'c', 'f')
              AND (k.contype <> 'f' OR k.conparentid = 0)),
        'indexes', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                'schema', xn.nspname, 'name', x.relname,
                'definition', pg_get_indexdef(i.indexrelid),
                'unique', i.indisunique,
                'ofConstraint', EXISTS (SELECT FROM pg_constraint k
                                        WHERE k.conindid = i.indexrelid
                                          AND k.conrelid = i.indrelid
                                          AND k.contype IN ('p', 'u', 'x')),
                'identity', i.indisreplident, 'parentSchema', pn.nspname,
                'parentName', pc.relname) ORDER BY x.relname), '[]')
            FROM pg_index i
            JOIN pg_class x ON x.oid = i.indexrelid
            JOIN pg_namespace xn ON xn.oid = x.relnamespace
            LEFT JOIN pg_inherits h ON h.inhrelid = i.indexrelid
            LEFT JOIN pg_class pc ON pc.oid = h.inhparent
            LEFT JOIN pg_namespace pn ON pn.oid = pc.relnamespace
            WHERE i.indrelid = c.oid AND i.indisvalid),
        'sequences', (SELECT coalesce(jsonb_agg(DISTINCT heliosdb.ddl_sequence_definition(q.oid)),
                                      '[]')
            FROM (SELECT o.objid AS oid FROM pg_depend o
                  WHERE o.classid = 'pg_class'::regclass AND o.refclassid = 'pg_class'::regclass
                    AND o.refobjid = c.oid AND o.refobjsubid > 0 AND o.deptype IN ('a', 'i')
                  UNION
                  SELECT d.refobjid FROM pg_attrdef e
                  JOIN pg_depend d ON d.classid = 'pg_attrdef'::regclass AND d.objid = e.oid
                   AND d.refclassid = 'pg_class'::regclass
                  WHERE e.adrelid = c.oid) AS q
            JOIN pg_sequence s ON s.seqrelid = q.oid))
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.oid = which AND c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
      AND n.nspname NOT IN ('heliosdb', 'pg_catalog', 'information_schema')
      AND NOT EXISTS (SELECT FROM pg_depend e
                      WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid
                        AND e.deptype = 'e')
$$
--
-- A type of the user's: its kind, and its parts as SchemaSql.TYPES reads them; the labels of an enum
-- with their OIDs, by which a renamed label is known.
CREATE OR REPLACE FUNCTION heliosdb.ddl_type_definition(which oid) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT jsonb_build_object('schema', n.nspname, 'name', t.typname, 'kind', t.typtype,
        'labelIds', (SELECT coalesce(jsonb_agg(e.oid::bigint ORDER BY e.enumsortorder), '[]')
                     FROM pg_enum e WHERE e.enumtypid = t.oid),
        'parts', to_jsonb(CASE t.typtype
            WHEN 'e' THEN ARRAY(SELECT e.enumlabel::text FROM pg_enum e
                                WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder)
            WHEN 'c' THEN ARRAY(
                SELECT quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod)
                       || CASE WHEN a.attcollation <> at.typcollation
                          THEN ' COLLATE ' || a.attcollation::regcollation::text ELSE '' END
                FROM pg_attribute a JOIN pg_type at ON at.oid = a.atttypid
                WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
                ORDER BY a.attnum)
            WHEN 'd' THEN ARRAY[
                    format_type(t.typbasetype, t.typtypmod)
                    || CASE WHEN t.typcollation <> bt.typcollation
                       THEN ' COLLATE ' || t.typcollation::regcollation::text ELSE '' END
                    || coalesce(' DEFAULT ' || pg_get_expr(t.typdefaultbin, 0), '')
                    || CASE WHEN t.typnotnull THEN ' NOT NULL' ELSE '' END]
                || ARRAY(SELECT 'CONSTRAINT ' || quote_ident(k.conname) || ' '
                                || pg_get_constraintdef(k.oid)
                         FROM pg_constraint k
                         WHERE k.contypid = t.oid AND k.contype = 'c' ORDER BY k.conname)
            WHEN 'r' THEN ARRAY(
                SELECT o FROM pg_range r
                CROSS JOIN LATERAL (VALUES
                    ('SUBTYPE = ' || format_type(r.rngsubtype, NULL)),
                    ('SUBTYPE_OPCLASS = ' || (
                        SELECT quote_ident(q.nspname) || '.' || quote_ident(oc.opcname)
                        FROM pg_opclass oc JOIN pg_namespace q ON q.oid = oc.opcnamespace
                        WHERE oc.oid = r.rngsubopc)),
                    ('COLLATION = ' || NULLIF(r.rngcollation, 0)::regcollation::text),
                    ('CANONICAL = ' || NULLIF(r.rngcanonical::oid, 0)::regproc::text),
                    ('SUBTYPE_DIFF = ' || NULLIF(r.rngsubdiff::oid, 0)::regproc::text),
                    ('MULTIRANGE_TYPE_NAME = ' || (
                        SELECT quote_ident(mn.nspname) || '.' || quote_ident(m.typname)
                        FROM pg_type m JOIN pg_namespace mn ON mn.oid = m.typnamespace
                        WHERE m.oid = r.rngmultitypid))) AS options(o)
                WHERE r.rngtypid = t.oid AND o IS NOT NULL)
            END))
    FROM pg_type t
    JOIN pg_namespace n ON n.oid = t.typnamespace
    LEFT JOIN pg_class c ON c.oid = t.typrelid
    LEFT JOIN pg_type bt ON bt.oid = t.typbasetype
    WHERE t.oid = which AND (t.typtype IN ('e', 'd', 'r') OR t.typtype = 'c' AND c.relkind = 'c')
      AND n.nspname NOT IN ('heliosdb', 'pg_catalog', 'information_schema')
      AND n.nspname NOT LIKE 'pg\_temp\_%'
      AND NOT EXISTS (SELECT FROM pg_depend e
                      WHERE e.classid = 'pg_type'::regclass AND e.objid = t.oid
                        AND e.deptype = 'e')
$$
--
-- The types of the user's that tables need, each before what is made of it.
CREATE OR REPLACE FUNCTION heliosdb.ddl_types_of(relids oid[]) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    WITH RECURSIVE used(id, depth) AS (
        SELECT a.atttypid, 0 FROM pg_attribute a
        WHERE a.attrelid = ANY (relids) AND a.attnum > 0 AND NOT a.attisdropped
          AND a.atttypid >= 16384
        UNION
        SELECT part.id, used.depth + 1
        FROM used JOIN pg_type t ON t.oid = used.id
        CROSS JOIN LATERAL (
            SELECT t.typelem AS id WHERE t.typelem <> 0
            UNION ALL SELECT t.typbasetype WHERE t.typtype = 'd'
            UNION ALL SELECT a.atttypid FROM pg_attribute a
                      WHERE a.attrelid = t.typrelid AND t.typtype = 'c'
                        AND a.attnum > 0 AND NOT a.attisdropped
            UNION ALL SELECT r.rngsubtype FROM pg_range r WHERE r.rngtypid = t.oid
            UNION ALL SELECT r.rngtypid FROM pg_range r WHERE r.rngmultitypid = t.oid) AS part
        WHERE part.id >= 16384)
    SELECT coalesce(jsonb_agg(d.definition ORDER BY u.depth DESC, u.id), '[]')
    FROM (SELECT id, max(depth) AS depth FROM used GROUP BY id) AS u
    CROSS JOIN LATERAL heliosdb.ddl_type_definition(u.id) AS d (definition)
    WHERE d.definition IS NOT NULL
$$
--
-- Compares these objects with what was told of them last, tells what has changed, and remembers it.
CREATE OR REPLACE FUNCTION heliosdb.ddl_tell(
    tag text, relids oid[], typids oid[], seqids oid[], others jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    one oid;
    was heliosdb.ddl_table;
    was_definition jsonb;
    now_definition jsonb;
    now_publications text[];
    tables jsonb := '[]';
    types jsonb := '[]';
    sequences jsonb := '[]';
BEGIN
    FOREACH one IN ARRAY typids LOOP
        SELECT definition INTO was_definition FROM heliosdb.ddl_type WHERE typid = one FOR UPDATE;
        now_definition := heliosdb.ddl_type_definition(one);
        CONTINUE WHEN now_definition IS NOT DISTINCT FROM was_definition;
        types := types || jsonb_build_array(
            jsonb_build_object('before', was_definition, 'after', now_definition));
        IF now_definition IS NULL THEN
            DELETE FROM heliosdb.ddl_type WHERE typid = one;
        ELSE
            INSERT INTO heliosdb.ddl_type VALUES (one, now_definition)
            ON CONFLICT (typid) DO UPDATE SET definition = EXCLUDED.definition;
        END IF;
    END LOOP;
    FOREACH one IN ARRAY seqids LOOP
        SELECT definition INTO was_definition FROM heliosdb.ddl_sequence WHERE relid = one
        FOR UPDATE;
        now_definition := heliosdb.ddl_sequence_definition(one);
        CONTINUE WHEN now_definition IS NOT DISTINCT FROM was_definition;
        sequences := sequences || jsonb_build_array(
            jsonb_build_object('before', was_definition, 'after', now_definition));
        IF now_definition IS NULL THEN
            DELETE FROM heliosdb.ddl_sequence WHERE relid = one;
        ELSE
            INSERT INTO heliosdb.ddl_sequence VALUES (one, now_definition)
            ON CONFLICT (relid) DO UPDATE SET definition = EXCLUDED.definition;
        END IF;
    END LOOP;
    FOREACH one IN ARRAY relids LOOP
        -- First the lock: another CREATE INDEX of the same table may just be about to commit.
        SELECT * INTO was FROM heliosdb.ddl_table WHERE relid = one FOR UPDATE;
        now_definition := heliosdb.ddl_table_definition(one);
        now_publications := heliosdb.ddl_publications(one);
        CONTINUE WHEN now_definition IS NOT DISTINCT FROM was.definition
                  AND (now_definition IS NULL OR now_publications = was.publications)
                  AND was.rewritten IS NOT TRUE;
        tables := tables || jsonb_build_array(jsonb_build_object(
            'before', was.definition, 'after', now_definition,
            'publicationsBefore', to_jsonb(coalesce(was.publications, '{}')),
            'publications', to_jsonb(coalesce(now_publications, '{}')),
            'rewritten', coalesce(was.rewritten, false)));
        IF now_definition IS NULL THEN
            DELETE FROM heliosdb.ddl_table WHERE relid = one;
        ELSE
            INSERT INTO heliosdb.ddl_table VALUES (one, now_definition, now_publications, false)
            ON CONFLICT (relid) DO UPDATE
            SET definition = EXCLUDED.definition, publications = EXCLUDED.publications,
                rewritten = false;
        END IF;
    END LOOP;
    IF jsonb_array_length(tables) + jsonb_array_length(types) + jsonb_array_length(sequences)
       + jsonb_array_length(others) > 0 THEN
        PERFORM heliosdb.emit('heliosdb.ddl', jsonb_build_object(
            'version', 1, 'tag', tag, 'command', left(current_query(), 4000), 'tables', tables,
            'types', types, 'sequences', sequences, 'others', others,
            'needed', heliosdb.ddl_types_of(relids))::text);
    END IF;
END $$
--
CREATE OR REPLACE FUNCTION heliosdb.ddl_command_end() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    command record;
    relids oid[] := '{}';
    typids oid[] := '{}';
    seqids oid[] := '{}';
    others jsonb := '[]';
BEGIN
    FOR command IN SELECT * FROM pg_event_trigger_ddl_commands() LOOP
        CONTINUE WHEN command.schema_name IN ('pg_temp', 'heliosdb')
                   OR command.in_extension AND command.object_type <> 'extension';
        CASE command.classid
        WHEN 'pg_class'::regclass THEN
            CASE (SELECT relkind FROM pg_class WHERE oid = command.objid)
            WHEN 'r', 'p' THEN relids := relids || command.objid;
            WHEN 'i', 'I' THEN
                relids := relids || (SELECT indrelid FROM pg_index
                                     WHERE indexrelid = command.objid);
            WHEN 'S' THEN seqids := seqids || command.objid;
            WHEN 'c' THEN
                typids := typids || (SELECT reltype FROM pg_class WHERE oid = command.objid);
            ELSE NULL;
            END CASE;
        WHEN 'pg_constraint'::regclass THEN
            relids := relids || (SELECT conrelid FROM pg_constraint
                                 WHERE oid = command.objid AND conrelid <> 0);
            typids := typids || (SELECT contypid FROM pg_constraint
                                 WHERE oid = command.objid AND contypid <> 0);
        WHEN 'pg_type'::regclass THEN
            typids := typids || command.objid;
        WHEN 'pg_namespace'::regclass THEN
            relids := relids || ARRAY(SELECT oid FROM pg_class
                                      WHERE relnamespace = command.objid
                                        AND relkind IN ('r', 'p') ORDER BY relname);
            typids := typids || ARRAY(SELECT typid FROM heliosdb.ddl_type d
                                      JOIN pg_type t ON t.oid = d.typid
                                      WHERE t.typnamespace = command.objid ORDER BY 1);
            seqids := seqids || ARRAY(SELECT relid FROM heliosdb.ddl_sequence d
                                      JOIN pg_class c ON c.oid = d.relid
                                      WHERE c.relnamespace = command.objid ORDER BY 1);
        WHEN 'pg_publication_rel'::regclass THEN
            relids := relids || (SELECT prrelid FROM pg_publication_rel
                                 WHERE oid = command.objid);
        WHEN 'pg_publication_namespace'::regclass THEN
            relids := relids || ARRAY(SELECT c.oid FROM pg_publication_namespace s
                                      JOIN pg_class c ON c.relnamespace = s.pnnspid
                                      WHERE s.oid = command.objid AND c.relkind IN ('r', 'p'));
        WHEN 'pg_extension'::regclass THEN
            others := others || jsonb_build_array(
                (SELECT jsonb_build_object('kind', 'extension', 'schema', n.nspname,
                                           'name', e.extname)
                 FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
                 WHERE e.oid = command.objid));
        WHEN 'pg_publication'::regclass THEN
            -- Who is new in a publication that is new has had no stream that could lack it.
            IF tg_tag = 'CREATE PUBLICATION' THEN
                UPDATE heliosdb.ddl_table SET publications = heliosdb.ddl_publications(relid)
                WHERE publications <> heliosdb.ddl_publications(relid);
                RETURN;
            END IF;
            relids := relids || ARRAY(SELECT relid FROM heliosdb.ddl_table
                                      WHERE publications <> heliosdb.ddl_publications(relid));
        ELSE NULL;
        END CASE;
    END LOOP;
    -- Partitions that are none any more.
    relids := array_remove(relids, NULL) || ARRAY(
        SELECT d.relid FROM heliosdb.ddl_table d
        JOIN pg_class p ON p.oid = ANY (relids) AND p.relkind = 'p'
        JOIN pg_namespace n ON n.oid = p.relnamespace
        WHERE (d.definition->>'partition')::boolean
          AND d.definition->'parents'
              @> jsonb_build_array(jsonb_build_array(n.nspname, p.relname))
          AND NOT EXISTS (SELECT FROM pg_inherits i
                          WHERE i.inhrelid = d.relid AND i.inhparent = p.oid));
    -- What is inherited changes with its parent; a partition that changes just as its parent does
    -- need not be told of.
    relids := relids || ARRAY(
        WITH RECURSIVE below(oid) AS (
            SELECT unnest(relids)
            UNION SELECT i.inhrelid FROM below JOIN pg_inherits i ON i.inhparent = below.oid)
        SELECT below.oid FROM below
        JOIN pg_class c ON c.oid = below.oid AND c.relkind IN ('r', 'p')
        WHERE below.oid <> ALL (relids));
    PERFORM heliosdb.ddl_tell(
        tg_tag, ARRAY(SELECT relid FROM unnest(relids) WITH ORDINALITY AS r (relid, place)
                      GROUP BY relid ORDER BY min(place)),
        array_remove(typids, NULL), seqids, others);
END $$
--
CREATE OR REPLACE FUNCTION heliosdb.ddl_drop() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    dropped record;
    relids oid[] := '{}';
    typids oid[] := '{}';
    seqids oid[] := '{}';
    others jsonb := '[]';
BEGIN
    FOR dropped IN SELECT * FROM pg_event_trigger_dropped_objects() LOOP
        CONTINUE WHEN dropped.is_temporary;
        CASE dropped.object_type
        WHEN 'table', 'table column' THEN relids := relids || dropped.objid;
        WHEN 'type', 'domain' THEN typids := typids || dropped.objid;
        WHEN 'composite type' THEN
            typids := typids || (SELECT typid FROM heliosdb.ddl_type
                                 WHERE definition->>'schema' = dropped.schema_name
                                   AND definition->>'name' = dropped.object_name);
        WHEN 'sequence' THEN seqids := seqids || dropped.objid;
        WHEN 'index', 'schema' THEN
            -- Those of a table go with it.
            IF dropped.original THEN
                others := others || jsonb_build_array(jsonb_build_object(
                    'kind', 'drop ' || dropped.object_type, 'schema', dropped.schema_name,
                    'name', dropped.object_name));
            END IF;
        WHEN 'table constraint', 'default value', 'publication relation' THEN
            relids := relids || to_regclass(quote_ident(dropped.address_names[1]) || '.'
                                            || quote_ident(dropped.address_names[2]))::oid;
        WHEN 'publication namespace' THEN
            relids := relids || ARRAY(SELECT c.oid FROM pg_class c
                                      JOIN pg_namespace n ON n.oid = c.relnamespace
                                      WHERE n.nspname = dropped.address_names[1]
                                        AND c.relkind IN ('r', 'p'));
        ELSE NULL;
        END CASE;
    END LOOP;
    PERFORM heliosdb.ddl_tell(
        tg_tag, ARRAY(SELECT DISTINCT relid FROM unnest(relids) AS r (relid)
                      WHERE relid IS NOT NULL),
        array_remove(typids, NULL), seqids, others);
END $$
--
CREATE OR REPLACE FUNCTION heliosdb.ddl_rewrite() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE heliosdb.ddl_table SET rewritten = true
    WHERE relid = pg_event_trigger_table_rewrite_oid();
END $$
--
DELETE FROM heliosdb.ddl_table d
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = d.relid)
--
INSERT INTO heliosdb.ddl_table
SELECT c.oid, heliosdb.ddl_table_definition(c.oid), heliosdb.ddl_publications(c.oid)
FROM pg_catalog.pg_class c
WHERE c.relkind IN ('r', 'p') AND heliosdb.ddl_table_definition(c.oid) IS NOT NULL
ON CONFLICT (relid) DO UPDATE
SET definition = EXCLUDED.definition, publications = EXCLUDED.publications, rewritten = false
--
INSERT INTO heliosdb.ddl_type
SELECT t.oid, heliosdb.ddl_type_definition(t.oid) FROM pg_catalog.pg_type t
WHERE heliosdb.ddl_type_definition(t.oid) IS NOT NULL
ON CONFLICT (typid) DO UPDATE SET definition = EXCLUDED.definition
--
INSERT INTO heliosdb.ddl_sequence
SELECT c.oid, heliosdb.ddl_sequence_definition(c.oid) FROM pg_catalog.pg_class c
WHERE c.relkind = 'S' AND heliosdb.ddl_sequence_definition(c.oid) IS NOT NULL
ON CONFLICT (relid) DO UPDATE SET definition = EXCLUDED.definition
--
DROP EVENT TRIGGER IF EXISTS heliosdb_ddl_drop
--
DROP EVENT TRIGGER IF EXISTS heliosdb_ddl_rewrite
--
DROP EVENT TRIGGER IF EXISTS heliosdb_ddl_command_end
--
CREATE EVENT TRIGGER heliosdb_ddl_drop ON sql_drop EXECUTE FUNCTION heliosdb.ddl_drop()
--
CREATE EVENT TRIGGER heliosdb_ddl_rewrite ON table_rewrite EXECUTE FUNCTION heliosdb.ddl_rewrite()
--
CREATE EVENT TRIGGER heliosdb_ddl_command_end ON ddl_command_end
EXECUTE FUNCTION heliosdb.ddl_command_end()
--
ALTER EVENT TRIGGER heliosdb_ddl_drop ENABLE ALWAYS
--
ALTER EVENT TRIGGER heliosdb_ddl_rewrite ENABLE ALWAYS
--
ALTER EVENT TRIGGER heliosdb_ddl_command_end ENABLE ALWAYS
