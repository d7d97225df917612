package io.heliosdb.replication.core.apply.postgres;

import io.heliosdb.replication.model.RelationDescriptor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Tests of a session with one table {@code item} in a fresh target. */
abstract class TargetSessionStand {

    /** Refuses long names, equal names and debts. */
    static final String ITEMS =
            "CREATE TABLE item (tenant_id int, id bigint PRIMARY KEY, name varchar(10) UNIQUE, qty int CHECK (qty >= 0))";

    private final String ddl;
    ApplyStand stand;
    RelationDescriptor item;

    TargetSessionStand(String ddl) {
        this.ddl = ddl;
    }

    @BeforeEach
    void open() throws Exception {
        stand = new ApplyStand(ddl);
        item = stand.relation("item", 'd');
    }

    @AfterEach
    void close() throws Exception {
        stand.close();
    }
}
