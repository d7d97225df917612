/** The whole product on one machine: databases, users at work, replication, verification. */
@NullMarked
package io.heliosdb.replication.cli.demo;

import org.jspecify.annotations.NullMarked;
