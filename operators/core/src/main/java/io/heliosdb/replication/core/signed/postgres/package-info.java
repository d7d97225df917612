/** Keys at the source, and the functions there that sign with them. */
@NullMarked
package io.heliosdb.replication.core.signed.postgres;

import org.jspecify.annotations.NullMarked;
