#!/usr/bin/env bash
# Measures HeliosDB beside PostgreSQL's own logical replication on this machine. Needs a JDK 17 and bash.
# Options: see --help. Results: benchmark/results/benchmark.md and .json.
#
#   benchmark/run.sh                      everything, about 15 minutes
#   benchmark/run.sh --only insert,update --rounds 5
#   benchmark/run.sh limits               tiers under load, with and without the scheduler, about 5 minutes
#   benchmark/run.sh many                 the work of 100 tenants in a job with 100 and with 10,000 replications
#   benchmark/run.sh jmh [JMH options]    the hot paths alone
set -euo pipefail

HOME_DIR="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)"
cd "$HOME_DIR"
JAVA="${JAVA_HOME:+$JAVA_HOME/bin/}java"
CLASSPATH_FILE="$HOME_DIR/benchmark/target/classpath.txt"

echo "building" >&2
./mvnw -q -B -ntp -pl benchmark -am package -DskipTests ${MAVEN_ARGS:-}
CLASSPATH="$HOME_DIR/benchmark/target/heliosdb-benchmark-0.1.0-SNAPSHOT.jar:$(cat "$CLASSPATH_FILE")"
OPTIONS="$HOME_DIR/flink-conf/java.opts"

if [ "${1:-}" = jmh ]; then
    shift
    exec "$JAVA" -cp "$CLASSPATH" org.openjdk.jmh.Main "$@"
fi
MAIN=EndToEnd
if [ "${1:-}" = limits ]; then
    shift
    MAIN=Limits
elif [ "${1:-}" = many ]; then
    shift
    MAIN=ManyTenants
fi
exec "$JAVA" -Xmx512m "@$OPTIONS" "-Dbenchmark.java.opts=$OPTIONS" -cp "$CLASSPATH" \
    "io.heliosdb.replication.benchmark.$MAIN" "$@"
