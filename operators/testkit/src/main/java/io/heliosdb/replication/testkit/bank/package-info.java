/** A bank whose books always balance, as pgbench has it; and an auditor who checks that they do. */
@NullMarked
package io.heliosdb.replication.testkit.bank;

import org.jspecify.annotations.NullMarked;
