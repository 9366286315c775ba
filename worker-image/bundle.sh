#!/usr/bin/env bash
# worker-image/bundle.sh [--arch x86_64|aarch64] [--python PYTHON] FOLDER: makes FOLDER/pydron-worker-VERSION-ARCH.tar.gz,
# all that a machine needs to run a Pydron worker except Python: a Java runtime of the modules that the worker uses, the
# worker, the package pydron, cloudpickle and pip (for the requirements of programs) as PYTHON (default: python3) has
# them. Prints the path of the file.
#
# The Java runtime is made by jlink from the JDK that is found; for another machine than this one a folder with that
# machine's jmods is needed: PYDRON_JMODS_AARCH64 (or _X86_64).
#
# Exit codes: 1 it cannot be made, and why; 2 wrong arguments; 3 no jmods for that machine; 126, 127 no usable JDK.
set -eu

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
home=${here%/*}
# shellcheck source=scripts/jdk.sh
. "$home/scripts/jdk.sh"

# What the worker's jars use; found with jdeps, and by running without the others.
modules=java.base,java.logging,java.management,java.naming,jdk.unsupported
options=(-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:CompileThresholdScaling=0.15 -XX:+UseCompactObjectHeaders
  -XX:-UsePerfData -Xmx512m -Xss1m
  --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -Dfile.encoding=UTF-8
  -Dorg.slf4j.simpleLogger.showDateTime=true -Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd\'T\'HH:mm:ss)

fail() {
  echo "bundle: $1" >&2
  exit "${2:-1}"
}

arch=$(uname -m)
python=python3
folder=
while [ $# -gt 0 ]; do
  case $1 in
    --arch) arch=${2-}; shift ;;
    --python) python=${2-}; shift ;;
    -*) fail "unknown option $1" 2 ;;
    *) folder=$1 ;;
  esac
  shift || fail "an option lacks its value" 2
done
[ -n "$folder" ] || fail "usage: worker-image/bundle.sh [--arch x86_64|aarch64] [--python PYTHON] FOLDER" 2

case $arch in
  x86_64) jmods=${PYDRON_JMODS_X86_64-} ;;
  aarch64) jmods=${PYDRON_JMODS_AARCH64-} ;;
  *) fail "machines of type '$arch' are not supported: x86_64 and aarch64 are" 2 ;;
esac
if [ "$arch" != "$(uname -m)" ] && [ ! -f "$jmods/java.base.jmod" ]; then
  fail "a bundle for $arch needs the jmods of a JDK for $arch, of the same version as the one here: unpack such a JDK and set PYDRON_JMODS_${arch^^} to its folder jmods" 3
fi

find_jdk || exit
cloudpickle=$("$python" -c 'import cloudpickle, os; print(os.path.dirname(cloudpickle.__file__))' 2> /dev/null) ||
  fail "Python '$python' has no cloudpickle: $python -m pip install cloudpickle"
pip=$("$python" -c 'import os, pip; print(os.path.dirname(pip.__file__))' 2> /dev/null) ||
  echo "bundle: Python '$python' has no pip; requirements are installed only where a machine's Python has one" >&2

version=$(sed -n 's:^  <version>\(.*\)</version>:\1:p' "$home/pom.xml" | head -n 1)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
name=pydron-worker-$version-$arch
root=$work/$name
mkdir -p "$root/lib" "$root/python" "$root/bin"

# The jars: those of a build of the launcher where there is one, or of Maven's own.
jars=${PYDRON_WORKER_JARS:-$home/worker-image/target/bundle}
if [ -z "${PYDRON_WORKER_JARS-}" ]; then
  # shellcheck disable=SC2086  # options are words
  (cd "$home" && JAVA_HOME=$jdk MAVEN_OPTS="--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow ${MAVEN_OPTS-}" \
    mvn -q -B -DskipTests -pl worker-image -am package ${PYDRON_MAVEN_ARGS-} >&2) || fail "the build failed, see Maven's messages above"
fi
[ -n "$(find "$jars" -name 'pydron-worker*.jar' -print -quit 2> /dev/null)" ] || fail "there are no jars of the worker in '$jars'"
cp "$jars"/*.jar "$root/lib/"
case $arch in
  x86_64) native=x86_64 ;;
  aarch64) native=aarch_64 ;;
esac
# Netty brings libraries for every kind of machine.
"$python" - "$native" "$root"/lib/grpc-netty-shaded*.jar << 'EOF'
import os, sys, zipfile

keep, jar = sys.argv[1:]
with zipfile.ZipFile(jar) as old, zipfile.ZipFile(jar + ".new", "w", zipfile.ZIP_DEFLATED) as new:
    for entry in old.infolist():
        native = entry.filename.startswith("META-INF/native/") and not entry.is_dir()
        if not native or f"linux_{keep}." in entry.filename or f"epoll_{keep}." in entry.filename:
            new.writestr(entry, old.read(entry))
os.replace(jar + ".new", jar)
EOF

link=(--add-modules "$modules" --output "$root/runtime" --strip-debug --no-header-files --no-man-pages --compress zip-6)
[ -z "$jmods" ] || link+=(--module-path "$jmods")
"$jdk/bin/jlink" "${link[@]}" >&2 || fail "jlink failed"

cp -R "$home/python/pydron" "$cloudpickle" "$root/python/"
if [ -n "$pip" ]; then
  mkdir "$root/pip"
  cp -R "$pip" "$root/pip/"
  rm -f "$root"/pip/pip/_vendor/distlib/*.exe
fi
find "$root/python" "$root/pip" -name __pycache__ -type d -prune -exec rm -rf {} + 2> /dev/null || true
echo "$version" > "$root/VERSION"
{
  echo '#!/bin/sh'
  # shellcheck disable=SC2016  # expanded when the worker starts
  echo 'here=$(cd "$(dirname "$0")/.." && pwd -P)'
  # shellcheck disable=SC2016
  printf 'exec "$here/runtime/bin/java" %s -cp "$here/lib/*" pydron.worker.Main "$@" "$here/python"\n' "${options[*]@Q}"
} > "$root/bin/pydron-worker"
chmod 755 "$root/bin/pydron-worker"

# The same content gives the same file, so that a machine that has it is not sent it again.
mkdir -p "$folder"
tar -C "$work" --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 -c "$name" | gzip -n > "$work/bundle.gz"
mv "$work/bundle.gz" "$folder/$name.tar.gz"
echo "$folder/$name.tar.gz"
