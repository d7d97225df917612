package io.heliosdb.replication.core.snapshot.postgres;

import io.heliosdb.replication.core.ddl.TableShape;
import io.heliosdb.replication.core.schema.Catalog;
import io.heliosdb.replication.core.schema.PublishedTable;
import io.heliosdb.replication.core.schema.ScopedTable;
import io.heliosdb.replication.core.schema.TableScope;
import io.heliosdb.replication.core.schema.postgres.CatalogReader;
import io.heliosdb.replication.core.schema.postgres.PublicationReader;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.config.DdlPolicy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a group sees of its source: which tables its members carry, and all of it under one
 * snapshot, of one piece although tables are altered meanwhile.
 */
final class GroupSource {

    /**
     * {@code undefined_table}, {@code invalid_schema_name}, {@code lock_not_available}: DDL is at
     * work.
     */
    private static final Set<String> GONE = Set.of("42P01", "3F000", "55P03");

    /**
     * What catalog functions say of an object that has just gone, a deadlock, and a lock that they
     * do not get at once.
     */
    private static final Set<String> OF_DDL = Set.of("XX000", "40P01", "55P03");

    /** Where tables are altered that often, what is read is taken as it is. */
    private static final int ATTEMPTS = 20;

    private final TableScope scope;
    private final List<Member> members;
    private final Connection source;
    private final Connection target;
    private final Map<Member, List<ScopedTable>> scopes = new HashMap<>();

    /** What the members carry, copied now or not. */
    private final Set<TableId> carried = new TreeSet<>();

    /** By which number the source knows the tables that the target has heard of. */
    private Set<Long> heard = Set.of();

    /** Whether the first copy of somebody is not behind him. */
    private boolean beginning;

    private final Sessions sessions;

    /** Further sessions at the source. */
    interface Sessions {
        Connection open();

        void release(Connection session);
    }

    GroupSource(
            TableScope scope,
            List<Member> members,
            Connection source,
            Connection target,
            Sessions sessions) {
        this.scope = scope;
        this.members = members;
        this.source = source;
        this.target = target;
        this.sessions = sessions;
    }

    /** The tables that are to be there for a member. */
    List<ScopedTable> scopeOf(Member member) {
        return scopes.getOrDefault(member, List.of());
    }

    Set<TableId> carried() {
        return carried;
    }

    /** Locks the tables in scope, then takes the snapshot; again if the scope grew meanwhile. */
    private ExportedSnapshot takeSnapshot(String publication) throws SQLException {
        while (true) {
            readScope(publication);
            source.rollback();
            Set<TableId> locked = tablesInScope();
            ExportedSnapshot snapshot = take(locked);
            if (snapshot != null) {
                readScope(publication);
                if (locked.containsAll(tablesInScope()) && seesAllPending(snapshot)) {
                    return snapshot;
                }
            }
            source.rollback();
        }
    }

    /** Null if a table was renamed or dropped since the scope was read, or is being altered. */
    private @Nullable ExportedSnapshot take(Set<TableId> locked) throws SQLException {
        try {
            return ExportedSnapshot.take(source, locked);
        } catch (SQLException e) {
            if (!GONE.contains(String.valueOf(e.getSQLState()))) {
                throw e;
            }
            return null;
        }
    }

    private void readScope(String publication) throws SQLException {
        List<PublishedTable> published = PublicationReader.read(source, publication);
        carried.clear();
        for (Member member : members) {
            List<ScopedTable> all = scope.of(member.request().spec(), published);
            all.forEach(table -> carried.add(table.table()));
            scopes.put(
                    member,
                    all.stream()
                            .filter(table -> member.request().concerns(table.table()))
                            .toList());
        }
    }

    Set<TableId> tablesInScope() {
        Set<TableId> tables = new TreeSet<>();
        for (Member member : active()) {
            scopes.getOrDefault(member, List.of()).forEach(table -> tables.add(table.table()));
        }
        return tables;
    }

    /** Those that somebody has not got yet: the others are where the stream has brought them. */
    Set<TableId> tablesToCopy() {
        Set<TableId> tables = new TreeSet<>();
        for (Member member : active()) {
            for (ScopedTable scoped : scopes.getOrDefault(member, List.of())) {
                if (!member.request().doneTables().contains(scoped.table())) {
                    tables.add(scoped.table());
                }
            }
        }
        return tables;
    }

    /** Or something has come to what is copied already, of a first copy. */
    boolean mayLackSomething() {
        return beginning || !tablesToCopy().isEmpty();
    }

    boolean isToCopy(Member member, TableId table) {
        return !member.request().doneTables().contains(table)
                && scopeOf(member).stream().anyMatch(scoped -> scoped.table().equals(table));
    }

    private boolean seesAllPending(ExportedSnapshot snapshot) {
        return active().stream()
                .allMatch(
                        member ->
                                VisibilityWait.unseen(
                                                snapshot.visible(), member.request().pendingXids())
                                        .isEmpty());
    }

    /** Of whoever carries out DDL; null if nobody does. */
    @Nullable Member aligning() {
        for (Member member : active()) {
            if (member.request().spec().ddl().policy() == DdlPolicy.APPLY) {
                return member;
            }
        }
        return null;
    }

    /** All tables that the target has heard of or may come to carry. */
    private SourceShapes readShapes(List<PublishedTable> published) throws SQLException {
        Member member = aligning();
        try {
            beginning = !new SyncStore(target).neverStreamed(active()).isEmpty();
            target.commit();
        } catch (SQLException e) {
            throw Failures.target(e);
        }
        boolean asked =
                mayLackSomething() || active().stream().anyMatch(it -> it.request().isGrowth());
        if (member == null || !asked || !SourceShapes.areTold(source)) {
            return SourceShapes.NONE;
        }
        try {
            heard = ShapeAlignment.numbers(target, member);
            target.commit();
        } catch (SQLException e) {
            throw Failures.target(e);
        }
        return SourceShapes.read(
                source, published.stream().map(PublishedTable::table).toList(), heard);
    }

    private boolean carries(TableShape table) {
        return carried.contains(table.id())
                || table.root() != null && carried.contains(table.root());
    }

    /** Whether no table was altered since the snapshot: not every DDL waits for its locks. */
    private boolean areStill(SourceShapes shapes) throws SQLException {
        if (shapes.tables().isEmpty()) {
            return true;
        }
        String seen = shapes.fingerprint(source);
        Connection fresh = sessions.open();
        try {
            return shapes.fingerprint(fresh).equals(seen);
        } finally {
            sessions.release(fresh);
        }
    }

    /**
     * The source under one snapshot.
     *
     * @param types of all tables that may be altered in the target
     */
    record Seen(
            ExportedSnapshot snapshot,
            List<PublishedTable> published,
            Catalog catalog,
            SourceShapes shapes,
            Catalog types) {}

    /** Looks again if tables were altered meanwhile: what is read of them is not all of a piece. */
    Seen see(String publication) throws SQLException {
        for (int attempt = 1; ; attempt++) {
            try {
                Seen seen = seeOnce(publication);
                if (attempt >= ATTEMPTS || areStill(seen.shapes)) {
                    ExportedSnapshot.becomePatient(source);
                    return seen;
                }
            } catch (SQLException e) {
                if (attempt >= ATTEMPTS || !OF_DDL.contains(String.valueOf(e.getSQLState()))) {
                    throw e;
                }
            }
            source.rollback();
        }
    }

    private Seen seeOnce(String publication) throws SQLException {
        ExportedSnapshot snapshot = takeSnapshot(publication);
        List<PublishedTable> published = PublicationReader.read(source, publication);
        SourceShapes shapes = readShapes(published);
        List<TableId> typed =
                shapes.tables().stream()
                        .filter(it -> heard.contains(SourceShapes.number(it)) || carries(it))
                        .map(TableShape::id)
                        .toList();
        return new Seen(
                snapshot,
                published,
                CatalogReader.read(source, tablesInScope()),
                shapes,
                CatalogReader.read(source, typed));
    }

    private List<Member> active() {
        List<Member> active = new ArrayList<>(members);
        active.removeIf(member -> !member.isActive());
        return active;
    }
}
