/** Reading the configuration file into validated records; every problem is told with its place. */
@NullMarked
package io.heliosdb.replication.core.config;

import org.jspecify.annotations.NullMarked;
