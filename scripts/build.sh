#!/usr/bin/env bash
# Builds what the launcher runs, into a new folder build/dist-<time>, and then names that folder in build/current: a
# running pydron keeps the jars it started with, and two first calls at a time build once (lock).
#
# Exit codes: 125 the build failed, 126 the JDK is too old, 127 JDK or Maven is missing.
set -eu

home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
build=$home/build
# shellcheck source=scripts/jdk.sh
. "$home/scripts/jdk.sh"

fail() {
  echo "pydron: $1" >&2
  exit "$2"
}

sources_newer_than() {
  [ -n "$(find "$home"/*/src "$home"/pom.xml "$home"/*/pom.xml -newer "$1" -print -quit)" ]
}

# The same questions as the launcher's usable_build, asked again once the lock is ours.
already_built() {
  local dist='' built_jdk='' built_version='' built_at=''
  { read -r dist && read -r built_jdk && read -r built_version && read -r built_at; } 2>/dev/null < "$build/current" || return 1
  [ "$built_at" -ef "$home" ] && [ -x "$built_jdk/bin/java" ] && [ -f "$dist/java.args" ] || return 1
  grep -qxF "$built_version" "$built_jdk/release" || return 1
  ! sources_newer_than "$dist/stamp"
}

find_jdk || exit
mkdir -p "$build" 2>/dev/null && [ -w "$build" ] || fail "cannot build: folder $build cannot be written" 125
exec 9> "$build/lock"
if ! flock --nonblock 9; then
  echo "pydron: another call is building, waiting for it" >&2
  flock 9
fi
if already_built; then
  exit 0
fi

if [ -e "$build/current" ]; then
  echo "pydron: sources have changed since the last build, building" >&2
else
  echo "pydron: first call, building (a minute or two; later calls start at once)" >&2
fi
command -v mvn > /dev/null || fail "Maven is needed to build; install it (apt install maven)" 127

dist=$build/dist-$(date +%s)-$$
mkdir -p "$dist"
touch "$dist/stamp" # before Maven reads the sources, so that an edit during the build is noticed

# JAVA_HOME: Maven's toolchain selection always considers the JDK that Maven itself runs on.
# Keeping fd 9 from the children: a Maven that is killed must not leave the lock held.
if ! (cd "$home" && JAVA_HOME=$jdk MAVEN_OPTS="--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow ${MAVEN_OPTS-}" \
  mvn -q -B -DskipTests -Dpydron.build.jars="$dist/lib" -pl cli -am package ${PYDRON_MAVEN_ARGS-} 9>&- >&2); then
  rm -rf "$dist"
  fail "the build failed, see Maven's messages above" 125
fi

# A library of the provisioner's that the others have too is needed once.
for jar in "$dist"/lib/cloud/*.jar; do
  [ -e "$dist/lib/${jar##*/}" ] && rm -f "$jar"
done

# Commands about clouds get more on the class path, at its end: so the AOT cache serves both.
arguments() { # [JAR...]
  # Quoted, because java.args is split at blanks.
  echo '-cp'
  printf '"%s' "$dist/lib/pydron-cli.jar"
  for jar in "$dist"/lib/*.jar; do
    [ "$jar" = "$dist/lib/pydron-cli.jar" ] || printf ':%s' "$jar"
  done
  [ $# = 0 ] || printf ':%s' "$@"
  printf '"\n'
  cat "$home/scripts/java.options"
  printf '"-Dpydron.home=%s"\n' "$home"
}
arguments > "$dist/java.args"
arguments "$dist"/lib/cloud/*.jar > "$dist/cloud.args"

# Python byte code beside the sources, for those who have switched off that Python writes it on import.
for python in python3 /usr/bin/python3; do
  "$python" -m compileall -q "$home/python/pydron" > /dev/null 2>&1 < /dev/null || true
done

# The AOT cache (JEP 483, 514, 515): classes loaded and linked, methods profiled, in a file that Java maps. Pydron works
# without it, only slower, so a failed training run is no failure of the build.
cache=$dist/pydron.aot
"$jdk/bin/java" "@$dist/java.args" "-XX:AOTCacheOutput=$cache" pydron.cli.Main train > "$dist/train.log" 2>&1 < /dev/null 9>&- || true
if [ -s "$cache" ]; then
  printf '"-XX:AOTCache=%s"\n' "$cache" | tee -a "$dist/cloud.args" >> "$dist/java.args"
else
  echo "pydron: no AOT cache could be made (see $dist/train.log), starting will be slower" >&2
fi

printf '%s\n%s\n%s\n%s\n' "$dist" "$jdk" "$jdk_version" "$home" > "$build/current.new"
mv -f "$build/current.new" "$build/current"

# Older builds may still be running: keep the last one before this.
ls -1dt "$build"/dist-* | tail -n +3 | xargs -r rm -rf
