#!/usr/bin/env bash
# benchmarks/jmh/run.sh scale [--quick]: the core with an invented fleet of 10 000 workers; one line of JSON.
# benchmarks/jmh/run.sh jmh [JMH OPTIONS]: builds and runs the JMH benchmarks of core, placement and analysis.
set -eu
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
home=$(cd "$here/../.." && pwd -P)
what=${1:-}
[ $# -gt 0 ] && shift

case $what in
  scale)
    # Java runs the source as it is, against the jars that the launcher uses.
    "$home/pydron" version > /dev/null
    { read -r dist && read -r jdk; } < "$home/build/current"
    # shellcheck disable=SC2086  # options are words
    exec "$jdk/bin/java" -XX:+UseZGC -XX:+UseCompactObjectHeaders -Xmx3g ${PYDRON_SCALE_OPTIONS-} -cp "$dist/lib/*" \
      "$here/src/main/java/pydron/bench/Scale.java" "$@"
    ;;
  jmh)
    # shellcheck source=scripts/jdk.sh
    cd "$home" && . scripts/jdk.sh
    find_jdk
    # shellcheck disable=SC2086,SC2154  # options are words; find_jdk sets jdk
    JAVA_HOME=$jdk mvn -B -q ${PYDRON_MAVEN_ARGS-} -Pjmh -pl benchmarks/jmh -am package -DskipTests
    units=$here/target/units
    mkdir -p "$units"
    for script in monte_carlo photometry nbody; do
      PYTHONPATH=$home/python "${PYDRON_TEST_PYTHON:-$home/.venv/bin/python}" -m pydron._graph \
        "$home/benchmarks/scripts/$script.py" "$units/$script"
    done
    exec "$jdk/bin/java" -cp "$here/target/pydron-jmh.jar:$here/target/lib/*" org.openjdk.jmh.Main \
      -jvmArgsAppend "-Dpydron.units=$units -XX:+UseSerialGC -XX:+UseCompactObjectHeaders" "$@"
    ;;
  *)
    echo "usage: benchmarks/jmh/run.sh scale [--quick] | jmh [JMH OPTIONS]" >&2
    exit 2
    ;;
esac
