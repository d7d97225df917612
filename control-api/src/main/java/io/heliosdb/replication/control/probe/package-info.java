/** What a connection's database says about itself. */
@NullMarked
package io.heliosdb.replication.control.probe;

import org.jspecify.annotations.NullMarked;
