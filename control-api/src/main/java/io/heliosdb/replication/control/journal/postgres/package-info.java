/** The journal in the metadata store. */
@NullMarked
package io.heliosdb.replication.control.journal.postgres;

import org.jspecify.annotations.NullMarked;
