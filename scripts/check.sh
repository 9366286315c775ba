#!/usr/bin/env bash
# scripts/check.sh all|java|lint|python|guests|cli|bench: runs checks, goes on after one has failed, and ends with a summary and a
# result that is 0 only when all of them passed. PYDRON_MAVEN_ARGS is handed to Maven.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
export MAVEN_OPTS="--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow ${MAVEN_OPTS-}"
what=${1:-all}
summary=()
failed=0

# step NAME COMMAND...: runs it, remembers how it went.
step() {
  local name=$1 begin=$SECONDS result
  shift
  printf '\n=== %s\n' "$name"
  if "$@"; then
    result=ok
  else
    result=FAILED
    failed=1
  fi
  summary+=("$(printf '%-8s %4d s  %s' "$result" $((SECONDS - begin)) "$name")")
  [ "$result" = ok ]
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# The Debian packages without which the tests cannot start; nothing is installed that is there already.
system_packages() {
  local missing=()
  command -v mvn > /dev/null || missing+=(maven)
  command -v git > /dev/null || missing+=(git)
  command -v python3 > /dev/null || missing+=(python3)
  python3 -c 'import ensurepip, venv' 2> /dev/null || missing+=(python3-venv)
  command -v flock > /dev/null || missing+=(util-linux)
  # Drawing text into a PNG needs fontconfig and a font.
  command -v fc-list > /dev/null && [ -n "$(fc-list 2> /dev/null | head -n 1)" ] || missing+=(fontconfig fonts-dejavu-core)
  # Python's own tests, which Debian packs by version and others bring along.
  python3 -c 'import test.test_grammar' 2> /dev/null ||
    missing+=("libpython$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2> /dev/null || echo 3)-testsuite")
  [ ${#missing[@]} -eq 0 ] && return 0
  echo "installing ${missing[*]}"
  if ! command -v apt-get > /dev/null; then
    echo "check: please install: ${missing[*]}" >&2
    return 1
  fi
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null || {
    echo "check: could not install: ${missing[*]}; please do" >&2
    return 1
  }
}

java_tests() {
  # shellcheck source=scripts/jdk.sh
  . scripts/jdk.sh
  find_jdk || return
  # shellcheck disable=SC2086  # options are words
  JAVA_HOME=$jdk mvn -B -q ${PYDRON_MAVEN_ARGS-} verify
}

# Folders that exist and hold Python.
python_folders() {
  local folder
  for folder in python tests examples benchmarks; do
    [ -n "$(find "$folder" -name '*.py' -print -quit 2> /dev/null)" ] && echo "$folder"
  done
}

lint() {
  # shellcheck disable=SC2046  # folders are words
  .venv/bin/ruff check $(python_folders) && .venv/bin/ruff format --check --quiet $(python_folders) || {
    echo "check: 'make format' mends formatting" >&2
    return 1
  }
}

types() {
  (cd python && ../.venv/bin/mypy pydron)
}

pytest_in() {
  PYTHONPATH=$PWD/python .venv/bin/python -m pytest -q -p no:cacheprovider "$@"
}

# Test folders other than the command line's own, each in a process of its own.
python_tests() {
  local folder result=0
  for folder in python/tests $(ls -d tests/*/ 2> /dev/null | grep -v '^tests/cli/$'); do
    [ -n "$(find "$folder" -name 'test_*.py' -print -quit 2> /dev/null)" ] || continue
    echo "--- $folder"
    pytest_in "$folder" || result=1
  done
  if [ -n "$(find tests -maxdepth 1 -name 'test_*.py' -print -quit 2> /dev/null)" ]; then
    echo "--- tests"
    pytest_in tests/test_*.py || result=1
  fi
  return $result
}

# Little of every workload, once: the suite works, figures mean nothing.
benchmarks_smoke() {
  .venv/bin/python benchmarks/run.py --quick --out build/benchmarks-quick 2> /dev/null
}

begin=$SECONDS
prepare() {
  step "what the tests need" system_packages && step "virtual environment" scripts/venv.sh
}
build() {
  step "build by the launcher" ./pydron version
}

case $what in
  all)
    if prepare; then
      step "Terraform: formatting, validity" scripts/check-terraform.sh
      step "Java: formatting, architecture, tests" java_tests
      step "Python: lint and formatting" lint
      step "Python: types" types
      build && {
        step "Python: tests" python_tests
        step "machines of their own: containers" scripts/check-guests.sh
        step "command line, end to end" pytest_in tests/cli
        step "benchmarks: smoke run" benchmarks_smoke
        step "fresh clone, empty home" tests/fresh-clone.sh
      }
    fi
    ;;
  java) step "Java: formatting, architecture, tests" java_tests ;;
  lint) prepare && step "Python: lint and formatting" lint && step "Python: types" types ;;
  python) prepare && build && step "Python: tests" python_tests ;;
  guests) prepare && step "machines of their own: containers" scripts/check-guests.sh ;;
  bench) prepare && build && step "benchmarks: smoke run" benchmarks_smoke ;;
  cli) prepare && build && step "command line, end to end" pytest_in tests/cli ;;
  *)
    echo "usage: scripts/check.sh all|java|lint|python|guests|cli|bench" >&2
    exit 2
    ;;
esac

printf '\n=== summary (%d s)\n' $((SECONDS - begin))
printf '%s\n' "${summary[@]}"
if [ $failed = 0 ]; then
  echo "all checks passed"
else
  echo "CHECKS FAILED"
fi
exit $failed
