/** What routing asks of the source database. */
@NullMarked
package io.heliosdb.replication.core.route.postgres;

import org.jspecify.annotations.NullMarked;
