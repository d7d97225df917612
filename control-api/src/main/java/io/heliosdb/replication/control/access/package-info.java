/** Who may do what, how often, and the record of it. */
@NullMarked
package io.heliosdb.replication.control.access;

import org.jspecify.annotations.NullMarked;
