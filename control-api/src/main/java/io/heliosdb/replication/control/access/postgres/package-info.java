/** Keys, clients and audit events in the metadata store. */
@NullMarked
package io.heliosdb.replication.control.access.postgres;

import org.jspecify.annotations.NullMarked;
