#!/bin/sh
# worker-image/install.sh BUNDLE: puts a worker bundle into the image that this runs in, so that it need not be brought to
# each machine, and installs what user data and tasks need. As root, in a Debian or Ubuntu.
set -eu
bundle=$1
hash=$(sha256sum "$bundle")
hash=${hash%% *}
has_all() {
  [ -x /usr/sbin/sshd ] && command -v ps > /dev/null && python3 -c 'import venv' 2> /dev/null && [ -d /etc/ssl/certs ]
}
if ! has_all && command -v apt-get > /dev/null; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends openssh-server python3 python3-venv procps ca-certificates > /dev/null
  rm -rf /var/lib/apt/lists/*
fi
place=/opt/pydron/bundles/$hash
mkdir -p "$place"
tar -C "$place" --strip-components=1 -xzf "$bundle"
chmod -R a+rX /opt/pydron
"$place/runtime/bin/java" -version
echo "pydron: worker bundle $hash installed"
