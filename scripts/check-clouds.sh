#!/usr/bin/env bash
# scripts/check-clouds.sh: brings up a real OpenStack (tests/openstack) and a container engine for the machines of clouds
# (scripts/guests.sh), runs the tests that need clouds, and ends and deletes what it has started; Debian packages stay.
# With PYDRON_TEST_OPENSTACK set to the state of one that runs, it uses that one and leaves it alone. PYDRON_MAVEN_ARGS is
# handed to Maven.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
export MAVEN_OPTS="--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow ${MAVEN_OPTS-}"
begin=$SECONDS

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
scripts/venv.sh && ./pydron version || exit 1
bundle=$(worker-image/bundle.sh --python .venv/bin/python "$work") || exit 1

if [ -z "${PYDRON_TEST_OPENSTACK-}" ]; then
  OPENSTACK_LAB=$(mktemp -d "${TMPDIR:-/tmp}/pydron-openstack.XXXXXX") || exit 1
  export OPENSTACK_LAB PYDRON_TEST_OPENSTACK=$OPENSTACK_LAB
  trap 'tests/openstack/down --wipe; rm -rf "$work"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  if ! tests/openstack/up; then
    echo "check-clouds: OpenStack did not start; once more, from nothing" >&2
    tests/openstack/down --wipe
    if ! tests/openstack/up; then
      echo "CHECKS OF CLOUDS FAILED: OpenStack did not start twice; the last lines of its logs:" >&2
      tail -n 15 "$OPENSTACK_LAB"/log/*.log "$OPENSTACK_LAB"/log/*.out >&2
      exit 1
    fi
  fi
  echo "check-clouds: OpenStack is up after $((SECONDS - begin)) s"
fi

# shellcheck source=scripts/jdk.sh
. scripts/jdk.sh
find_jdk || exit 1
reports=provisioner/target/surefire-reports
rm -rf "$reports"
result=0
# shellcheck disable=SC2086  # options are words
JAVA_HOME=$jdk scripts/guests.sh run mvn -B -q ${PYDRON_MAVEN_ARGS-} -pl provisioner -am test -Dgroups=clouds -DexcludedGroups= \
  -Dsurefire.failIfNoSpecifiedTests=false "-Dpydron.bundle=$bundle" || result=1
# No test is no success either.
ran=$(cat "$reports"/TEST-*.xml 2> /dev/null | grep -c '<testcase ')
if [ $result = 0 ] && [ "$ran" -gt 0 ]; then
  echo "all checks of clouds passed ($ran tests, $((SECONDS - begin)) s)"
else
  echo "CHECKS OF CLOUDS FAILED ($ran tests, $((SECONDS - begin)) s)"
  exit 1
fi
