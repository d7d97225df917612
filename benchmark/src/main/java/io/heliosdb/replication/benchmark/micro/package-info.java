/** The hot paths one by one, with JMH. */
@NullMarked
package io.heliosdb.replication.benchmark.micro;

import org.jspecify.annotations.NullMarked;
