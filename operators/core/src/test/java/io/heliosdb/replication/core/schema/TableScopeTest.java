package io.heliosdb.replication.core.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliosdb.replication.core.tenancy.Tenancy;
import io.heliosdb.replication.core.tenancy.TenantKey;
import io.heliosdb.replication.model.ReplicationId;
import io.heliosdb.replication.model.ReplicationSpec;
import io.heliosdb.replication.model.TableId;
import io.heliosdb.replication.model.TenantId;
import io.heliosdb.replication.model.Tier;
import io.heliosdb.replication.model.config.ExistingRows;
import io.heliosdb.replication.model.config.TableFilter;
import io.heliosdb.replication.model.config.TenancyConfig;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TableScopeTest {

    private final TableScope scope =
            new TableScope(
                    new Tenancy(
                            new TenancyConfig(
                                    "tenant_id",
                                    Map.of(TableId.parse("accounts"), "bid"),
                                    "t_(.+)",
                                    Set.of(TableId.parse("countries")))));

    private final List<PublishedTable> published =
            List.of(
                    table("public.orders", "id", "tenant_id"),
                    table("public.accounts", "aid", "bid"),
                    table("public.countries", "code", "tenant_id"),
                    table("public.unrelated", "id"),
                    table("t_acme.things", "id"),
                    table("t_other.things", "id"));

    @Test
    void aTenantHasTheTablesOfItsKeyAndThoseOfItsSchema() {
        assertThat(names("acme", TableFilter.ALL))
                .containsExactly("public.accounts", "public.orders", "t_acme.things");
        assertThat(scope.of(spec("acme", TableFilter.ALL), published).get(0).key())
                .isEqualTo(new TenantKey.Column("bid"));
    }

    @Test
    void theReferenceHasTheReferenceTablesOnly() {
        assertThat(names("_reference", TableFilter.ALL)).containsExactly("public.countries");
    }

    @Test
    void theFilterTakesAway() {
        assertThat(names("acme", new TableFilter(List.of(), List.of("acc*"))))
                .containsExactly("public.orders", "t_acme.things");
        assertThat(names("acme", new TableFilter(List.of("orders"), List.of())))
                .containsExactly("public.orders");
    }

    @Test
    void aKeyColumnThatIsNotPublishedMakesATableUnroutable() {
        assertThat(scope.of(spec("acme", TableFilter.ALL), List.of(table("public.orders", "id"))))
                .isEmpty();
    }

    private List<String> names(String tenant, TableFilter filter) {
        return scope.of(spec(tenant, filter), published).stream()
                .map(it -> it.table().toString())
                .toList();
    }

    private static PublishedTable table(String name, String... columns) {
        return new PublishedTable(TableId.parse(name), List.of(columns), null);
    }

    private static ReplicationSpec spec(String tenant, TableFilter filter) {
        return new ReplicationSpec(
                new ReplicationId("r"),
                new TenantId(tenant),
                "target",
                filter,
                Tier.STANDARD,
                50,
                false,
                ExistingRows.FAIL);
    }
}
