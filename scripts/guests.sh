#!/usr/bin/env bash
# scripts/guests.sh up|down|run COMMAND…: what tests need to have machines of their own: a container engine, and an
# image of a small Debian with sshd and Python.
#
# `run` does `up`, runs the command with DOCKER_HOST and PYDRON_GUEST_IMAGE set, and then does `down`. An engine that was
# running before is used and left alone; one that was started here is ended when the last `run` of this machine is over.
# The image is made once, by debootstrap, and kept with the engine's data.
#
# Exit codes: 1 something cannot be installed or started (standard error says what), else those of the command.
set -eu

state=${PYDRON_GUESTS:-/var/cache/pydron-guests}
socket=/run/pydron-guests/docker.sock
# The name changes with what is in the image.
image=pydron-guest:2
packages=openssh-server,python3,procps,iproute2,iptables,ca-certificates

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

fail() {
  echo "guests: $1" >&2
  exit 1
}

install_missing() {
  local missing=()
  command -v dockerd > /dev/null || missing+=(docker.io)
  command -v debootstrap > /dev/null || missing+=(debootstrap)
  command -v ssh > /dev/null || missing+=(openssh-client)
  command -v iptables > /dev/null || missing+=(iptables)
  [ ${#missing[@]} -eq 0 ] && return 0
  command -v apt-get > /dev/null || fail "please install: ${missing[*]}"
  echo "guests: installing ${missing[*]}" >&2
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null ||
    fail "could not install: ${missing[*]}; please do"
}

running() {
  DOCKER_HOST=$1 docker version > /dev/null 2>&1
}

# Sets DOCKER_HOST to an engine that runs.
engine() {
  local host
  for host in "${DOCKER_HOST-}" unix:///var/run/docker.sock "unix://$socket"; do
    if [ -n "$host" ] && running "$host"; then
      export DOCKER_HOST=$host
      return 0
    fi
  done
  echo "guests: starting a container engine (log: $state/dockerd.log)" >&2
  as_root sh -c "exec setsid dockerd --data-root '$state/docker' --exec-root '${socket%/*}/exec' --pidfile '${socket%/*}/pid' \
    --host 'unix://$socket' --group '$(id -gn)' > '$state/dockerd.log' 2>&1 < /dev/null 7>&- 8>&- &"
  for _ in $(seq 100); do
    if running "unix://$socket"; then
      export DOCKER_HOST=unix://$socket
      return 0
    fi
    sleep 0.2
  done
  tail -n 5 "$state/dockerd.log" >&2
  fail "the container engine does not start"
}

make_image() {
  docker image inspect "$image" > /dev/null 2>&1 && return 0
  echo "guests: making the image $image, once (a minute or two)" >&2
  local root
  root=$(as_root mktemp -d "$state/root.XXXXXX")
  as_root debootstrap --variant=minbase --include="$packages" bookworm "$root" > "$state/debootstrap.log" 2>&1 || {
    tail -n 5 "$state/debootstrap.log" >&2
    as_root rm -rf "$root"
    fail "debootstrap failed (log: $state/debootstrap.log)"
  }
  as_root rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/* "$root"/usr/share/doc "$root"/usr/share/locale "$root"/usr/share/man
  as_root rm -f "$root"/etc/ssh/ssh_host_*
  # A machine that ends itself: the first process is a shell that waits for this.
  as_root tee "$root/sbin/shutdown" > /dev/null << 'EOF'
#!/bin/sh
kill -TERM 1
EOF
  # Boots: sshd with host keys of its own, then the user data, as cloud-init would have it.
  as_root tee "$root/sbin/guest" > /dev/null << 'EOF'
#!/bin/sh
trap 'exit 0' TERM
mkdir -p /run/sshd
ssh-keygen -A > /dev/null
/usr/sbin/sshd
if [ -s /user-data ]; then
  cp /user-data /run/user-data
  chmod 700 /run/user-data
  /run/user-data > /var/log/cloud-init-output.log 2>&1 < /dev/null
fi
while :; do
  sleep 1000 &
  wait $!
done
EOF
  as_root chmod 755 "$root/sbin/shutdown" "$root/sbin/guest"
  as_root tar -C "$root" -c . | docker import --change 'CMD ["/sbin/guest"]' - "$image" > /dev/null
  as_root rm -rf "$root"
}

folders() {
  as_root mkdir -p "$state" "${socket%/*}"
  as_root chown "$(id -u)" "$state" "${socket%/*}"
}

up() {
  install_missing
  folders
  exec 7> "$state/starting"
  flock 7
  engine
  make_image
  exec 7>&-
  export PYDRON_GUEST_IMAGE=$image TESTCONTAINERS_RYUK_DISABLED=true TESTCONTAINERS_CHECKS_DISABLE=true
}

# Only the engine that was started here, and only when nobody else is in a `run`.
down() {
  local pid
  [ -s "${socket%/*}/pid" ] || return 0
  exec 8> "$state/users"
  flock --exclusive --nonblock 8 || return 0
  pid=$(cat "${socket%/*}/pid") # no line, as it has no end
  as_root kill "$pid" 2> /dev/null || true
  for _ in $(seq 100); do
    [ -d "/proc/$pid" ] || break
    sleep 0.1
  done
  exec 8>&-
}

case ${1-} in
  up)
    up
    printf 'export DOCKER_HOST=%s PYDRON_GUEST_IMAGE=%s TESTCONTAINERS_RYUK_DISABLED=true TESTCONTAINERS_CHECKS_DISABLE=true\n' \
      "$DOCKER_HOST" "$PYDRON_GUEST_IMAGE"
    ;;
  down) down ;;
  run)
    shift
    install_missing
    folders
    exec 8> "$state/users"
    flock --shared 8 # before the engine is looked for: from now on nobody ends it
    up
    result=0
    "$@" 8>&- || result=$?
    exec 8>&-
    down
    exit $result
    ;;
  *)
    echo "usage: scripts/guests.sh up|down|run COMMAND..." >&2
    exit 2
    ;;
esac
