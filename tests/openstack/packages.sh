# shellcheck shell=bash
# The Debian packages of an OpenStack: only its Python libraries, a database and a message bus, so without accounts, questions
# and services that start by themselves.

PACKAGES=(python3-keystone python3-glance python3-placement python3-nova python3-neutron mariadb-server rabbitmq-server
  python3-openstackclient uwsgi-plugin-python3)

missing_packages() {
  local package
  for package in "${PACKAGES[@]}"; do
    dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2> /dev/null | grep -q '^ii' || echo "$package"
  done
}

apt_install() {
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends -o Dpkg::Options::=--force-confold "$@"
}

# Installs what is missing; while that goes on no daemon may start itself.
install_packages() {
  local missing made='' result=0
  mapfile -t missing < <(missing_packages)
  [ ${#missing[@]} -eq 0 ] && return 0
  say "installing ${missing[*]}"
  if [ ! -e /usr/sbin/policy-rc.d ]; then
    made=1
    printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
    chmod 755 /usr/sbin/policy-rc.d
  fi
  {
    [ -n "$(ls -A /var/lib/apt/lists 2> /dev/null)" ] || apt-get update
    apt_install "${missing[@]}" || { apt-get update && apt_install "${missing[@]}"; }
  } > "$STATE/log/apt.log" 2>&1 || result=1
  [ -z "$made" ] || rm -f /usr/sbin/policy-rc.d
  if [ $result != 0 ]; then
    tail -n 20 "$STATE/log/apt.log" >&2
    say "FAILED to install packages of OpenStack Zed, which Debian 12 has (see $STATE/log/apt.log)"
  fi
  return $result
}
