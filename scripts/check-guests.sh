#!/usr/bin/env bash
# scripts/check-guests.sh: makes a worker bundle, and an image of a machine that has it (worker-image/Dockerfile), and runs
# the tests that need machines of their own, which are containers (scripts/guests.sh). PYDRON_MAVEN_ARGS is handed to Maven.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
export MAVEN_OPTS="--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow ${MAVEN_OPTS-}"
# shellcheck source=scripts/jdk.sh
. scripts/jdk.sh
find_jdk || exit 1

if [ "${1-}" = --with-engine ]; then
  # As the user would, with a base that is here already.
  work=$2
  mkdir -p "$work/context/worker-image"
  cp worker-image/*.sh "$work/context/worker-image/"
  cp "$3" "$work/context/bundle.tar.gz"
  image=pydron-worker-test:$$
  trap 'docker image rm -f "$image" > /dev/null 2>&1' EXIT
  docker build -q -f worker-image/Dockerfile --build-arg "BASE=$PYDRON_GUEST_IMAGE" --build-arg BUNDLE=bundle.tar.gz \
    -t "$image" "$work/context" > "$work/build.log" 2>&1 || {
    cat "$work/build.log" >&2
    echo "check-guests: worker-image/Dockerfile cannot be built" >&2
    exit 1
  }
  # shellcheck disable=SC2086  # options are words
  JAVA_HOME=$jdk mvn -B -q ${PYDRON_MAVEN_ARGS-} -pl provisioner -am test -Dgroups=guests \
    -DexcludedGroups= -Dsurefire.failIfNoSpecifiedTests=false "-Dpydron.bundle=$3" "-Dpydron.image=$image"
  exit
fi

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
./pydron version > /dev/null || exit 1 # Tests of the whole path call it, at a time when Maven runs.
bundle=$(worker-image/bundle.sh --python .venv/bin/python "$work") || exit 1
scripts/guests.sh run scripts/check-guests.sh --with-engine "$work" "$bundle"
