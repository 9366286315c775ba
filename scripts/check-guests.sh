#!/usr/bin/env bash
# scripts/check-guests.sh: makes a worker bundle, and runs the tests that need machines of their own, which are containers
# (scripts/guests.sh). PYDRON_MAVEN_ARGS is handed to Maven.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
export MAVEN_OPTS="--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow ${MAVEN_OPTS-}"
# shellcheck source=scripts/jdk.sh
. scripts/jdk.sh
find_jdk || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
./pydron version > /dev/null || exit 1 # Tests of the whole path call it, at a time when Maven runs.
bundle=$(worker-image/bundle.sh --python .venv/bin/python "$work") || exit 1
# shellcheck disable=SC2086  # options are words
JAVA_HOME=$jdk scripts/guests.sh run mvn -B -q ${PYDRON_MAVEN_ARGS-} -pl provisioner -am test -Dgroups=guests \
  -DexcludedGroups= -Dsurefire.failIfNoSpecifiedTests=false "-Dpydron.bundle=$bundle"
