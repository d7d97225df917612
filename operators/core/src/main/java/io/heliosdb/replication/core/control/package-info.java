/** What people order of a running job; it travels through the source's WAL. */
@NullMarked
package io.heliosdb.replication.core.control;

import org.jspecify.annotations.NullMarked;
