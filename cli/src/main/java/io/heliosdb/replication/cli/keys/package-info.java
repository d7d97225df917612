/** The data keys of tenants. */
@NullMarked
package io.heliosdb.replication.cli.keys;

import org.jspecify.annotations.NullMarked;
