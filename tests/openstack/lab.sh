# shellcheck shell=bash disable=SC2034  # used by those who source it
# What tests/openstack/up and down share: where the state is, and processes that are known by process id and start time, so
# that no process of somebody else's is ever ended.

STATE=${OPENSTACK_LAB:-${TMPDIR:-/tmp}/pydron-openstack-$(id -u)}
LAB_HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# Clock tick at which a process began: a process id may come again, this pair does not.
born() {
  local line rest
  line=$(cat "/proc/$1/stat" 2> /dev/null) || return 1
  read -ra rest <<< "${line##*) }"
  echo "${rest[19]}"
}

# Whether our process of that name runs.
alive() {
  local pid began
  read -r pid began 2> /dev/null < "$STATE/run/$1.pid" || return 1
  [ "$(born "$pid")" = "$began" ]
}

# start NAME COMMAND...: in a session of its own, unless it runs. What is under `exec` writes its own identity down.
start() {
  local name=$1
  shift
  alive "$name" && return 0
  # shellcheck disable=SC2016  # for the inner shell
  setsid bash -c '
    line=$(cat /proc/$$/stat); read -ra rest <<< "${line##*) }"
    echo "$$ ${rest[19]}" > "$0"; exec "$@"' "$STATE/run/$name.pid" "$@" >> "$STATE/log/$name.out" 2>&1 < /dev/null &
  disown
}

# stop NAME [TENTHS]: asks its whole session to end, and ends it when it has not after that many tenths of a second.
stop() {
  local name=$1 tenths=${2:-100} pid began
  read -r pid began 2> /dev/null < "$STATE/run/$name.pid" || return 0
  if [ "$(born "$pid")" = "$began" ]; then
    kill -TERM -- "-$pid" 2> /dev/null
    while [ "$tenths" -gt 0 ] && [ "$(born "$pid")" = "$began" ]; do
      sleep 0.1
      tenths=$((tenths - 1))
    done
    kill -KILL -- "-$pid" 2> /dev/null
  fi
  rm -f "$STATE/run/$name.pid"
}
