#!/usr/bin/env bash
# worker-image/check-machine.sh: makes a disk with disk-image.sh, boots it in an emulator, and runs the test in which a worker
# joins from there, serves, is killed, and the machine powers off with its lease. As root, on Debian; installs what is
# missing. Ten minutes; most of it is the emulation, where the processor has none.
set -eu
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/jdk.sh
. scripts/jdk.sh
find_jdk
missing=()
for tool in debootstrap:debootstrap mkfs.ext4:e2fsprogs qemu-system-x86_64:qemu-system-x86 qemu-img:qemu-utils ssh:openssh-client; do
  command -v "${tool%:*}" > /dev/null || missing+=("${tool#*:}")
done
if [ ${#missing[@]} != 0 ]; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bundle=$(worker-image/bundle.sh --python .venv/bin/python "$work")
disk=$(worker-image/disk-image.sh "$bundle" "$work/worker.qcow2")
# shellcheck disable=SC2086  # options are words
JAVA_HOME=$jdk MAVEN_OPTS="--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow ${MAVEN_OPTS-}" \
  mvn -B -q ${PYDRON_MAVEN_ARGS-} -pl provisioner -am test -Dgroups=machines -DexcludedGroups= -Dtest=MachineTest \
  -Dsurefire.failIfNoSpecifiedTests=false "-Dpydron.bundle=$bundle" "-Dpydron.disk=$disk"
echo "a machine with the disk joined, served, and powered off with its lease"
