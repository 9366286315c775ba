#!/usr/bin/env bash
# Formats Java (palantir-java-format, by Spotless) and Python (ruff).
set -eu
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scripts/venv.sh
# shellcheck source=scripts/jdk.sh
. scripts/jdk.sh
find_jdk || exit
JAVA_HOME=$jdk mvn -q -B spotless:apply
.venv/bin/ruff format --quiet python tests examples benchmarks 2> /dev/null || .venv/bin/ruff format --quiet python tests
