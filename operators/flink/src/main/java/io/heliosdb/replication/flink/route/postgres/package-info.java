/** Discovery of tenants over PostgreSQL. */
@NullMarked
package io.heliosdb.replication.flink.route.postgres;

import org.jspecify.annotations.NullMarked;
