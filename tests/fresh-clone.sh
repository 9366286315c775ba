#!/usr/bin/env bash
# The README's first command, as a newcomer meets it: a clone of what is committed here, with an empty home (but for
# Maven's downloaded libraries, which are the network's), nothing built, no Python package but what the system has.
# Then the wheel, in a fresh virtual environment, without any checkout around.
set -eu
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
place=$(mktemp -d "${TMPDIR:-/tmp}/fresh.XXXXXX")
trap 'rm -rf "$place"' EXIT
maven_home=${HOME-}/.m2

fail() {
  echo "fresh-clone: $1" >&2
  exit 1
}

# $1 must be found in the file $2.
expect() {
  grep -qE "$1" "$2" || { cat "$2" >&2; fail "no '$1' in $2"; }
}

# The working tree as it would be committed: what is tracked or could be, but nothing that is ignored.
git -C "$here" ls-files -z --cached --others --exclude-standard | (
  cd "$here"
  while IFS= read -r -d '' file; do [ -e "$file" ] && printf '%s\0' "$file"; done
) > "$place/files"
mkdir "$place/source"
tar -C "$here" --null -T "$place/files" -cf - | tar -C "$place/source" -xf -
git -C "$place/source" -c init.defaultBranch=main init -q
git -C "$place/source" add -A
git -C "$place/source" -c user.name=test -c user.email=test@localhost commit -q -m everything
git clone -q "$place/source" "$place/clone"

home=$place/home
mkdir -p "$home"
[ -d "$maven_home" ] && ln -s "$maven_home" "$home/.m2"

# $@, in the clone, with hardly a variable set.
fresh() {
  (cd "$place/clone" && env -i PATH="$PATH" HOME="$home" TMPDIR="$place" PYDRON_TMPDIR="$place" \
    ${JAVA_HOME:+JAVA_HOME="$JAVA_HOME"} ${PYDRON_MAVEN_ARGS:+PYDRON_MAVEN_ARGS="$PYDRON_MAVEN_ARGS"} "$@")
}

echo "the first command"
fresh ./pydron run examples/demo.py --seconds 0.2 > "$place/first.out" 2> "$place/first.err" ||
  { cat "$place/first.err" >&2; fail "the first command failed"; }
expect 'first call, building' "$place/first.err"
expect '^loop_demo: 6 ' "$place/first.out"

echo "the second time"
begin=$(date +%s%N)
fresh ./pydron run --quiet examples/demo.py --seconds 0 > "$place/second.out" 2> "$place/second.err"
took=$((($(date +%s%N) - begin) / 1000000))
[ -s "$place/second.err" ] && { cat "$place/second.err" >&2; fail "the second call had something to say"; }
[ "$took" -lt 5000 ] || fail "the second call took $took ms"
expect '^loop_demo: 6 ' "$place/second.out"
[ -z "$(git -C "$place/clone" status --porcelain)" ] || fail "the build left files in the checkout that are not ignored"
for part in pydron.aot warm-up.unit; do
  [ -s "$(head -n 1 "$place/clone/build/current")/$part" ] || fail "the build made no $part"
done

echo "the wheel"
python=${PYDRON_TEST_PYTHON:-$here/.venv/bin/python}
fresh "$python" -m pip wheel -q --disable-pip-version-check --no-deps --no-build-isolation -w "$place/wheel" ./python
"$python" -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -q --disable-pip-version-check --retries 1 --timeout 30 "$place"/wheel/*.whl
rm -rf "$place/clone" "$place/source"
cat > "$place/script.py" << 'SCRIPT'
import os
import pydron

@pydron.functional
def f(x):
    return x + 1, os.getpid()

@pydron.schedule
def p(n):
    return [f(i) for i in range(n)]

answer = p(4)
print([value for value, _ in answer], os.getpid() not in [pid for _, pid in answer])
SCRIPT
(cd "$place" && env -i PATH="$PATH" HOME="$home" TMPDIR="$place" PYDRON_TMPDIR="$place" ${JAVA_HOME:+JAVA_HOME="$JAVA_HOME"} \
  venv/bin/python script.py) > "$place/wheel.out" 2> "$place/wheel.err" || { cat "$place/wheel.err" >&2; fail "the script failed"; }
[ -s "$place/wheel.err" ] && { cat "$place/wheel.err" >&2; fail "the wheel had something to say"; }
expect '^\[1, 2, 3, 4\] True$' "$place/wheel.out"
# A JVM may need an instant to be gone.
for _ in 1 2 3 4 5 6 7 8 9 10; do
  left=$(find "$place" -maxdepth 1 -name 'pydron-*')
  [ -z "$left" ] && break
  sleep 0.3
done
[ -z "$left" ] || fail "left behind: $left"
echo "fresh clone: all is well"
