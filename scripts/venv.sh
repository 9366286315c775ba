#!/usr/bin/env bash
# Makes .venv with what the Python tests need. Quick when nothing has changed: the list of requirements is remembered.
set -eu
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
venv=$home/.venv
wanted=$home/scripts/test-requirements.txt

if cmp -s "$wanted" "$venv/installed-requirements.txt" && [ -x "$venv/bin/python" ]; then
  exit 0
fi
echo "making .venv for the Python tests"
python=${PYDRON_TEST_PYTHON:-python3}
rm -rf "$venv"
if ! "$python" -m venv "$venv" > /dev/null 2>&1; then
  rm -rf "$venv"
  echo "check: '$python -m venv' does not work; on Debian: sudo apt install python3-venv" >&2
  exit 1
fi
# Few retries and a short timeout: where an index is configured that cannot be reached, pip otherwise waits for minutes
# before it looks at the others.
"$venv/bin/python" -m pip install -qq --disable-pip-version-check --no-input --retries 1 --timeout 30 -r "$wanted"
cp "$wanted" "$venv/installed-requirements.txt"
