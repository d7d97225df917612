/** Type information and serializers of the streams between operators. */
@NullMarked
package io.heliosdb.replication.flink.stream;

import org.jspecify.annotations.NullMarked;
