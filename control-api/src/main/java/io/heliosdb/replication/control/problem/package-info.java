/** What the control plane refuses, and with which code. */
@NullMarked
package io.heliosdb.replication.control.problem;

import org.jspecify.annotations.NullMarked;
