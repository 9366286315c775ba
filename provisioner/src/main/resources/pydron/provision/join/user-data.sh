#!/bin/sh
# Pydron: lets the workstation that started this machine log in, and ends the machine when it hears nothing of it.
# On a host of the user's own (PYDRON_HOSTED=1, not as root) only the claim is ended, and the host stays as it is.
set -u
umask 077
claim=@CLAIM@
token=@TOKEN@
lease=@LEASE@
user=@USER@
tunnel=@TUNNEL@
host_key=@HOST_KEY@
recalls=@RECALLS@ # where the cloud may take the machine back
end=${PYDRON_END:-}

say() { echo "pydron: $*"; }

# The user, before all else: the claim's folder is in its home.
if [ -n "${PYDRON_HOSTED:-}" ]; then
  home=$HOME
  tools=$home/.pydron/claims/$claim
else
  id "$user" > /dev/null 2>&1 || useradd -m -s /bin/sh "$user" || adduser -D -s /bin/sh "$user" || say "cannot make user $user"
  usermod -p '*' "$user" 2> /dev/null # no password, and not locked: sshd lets keys in
  usermod -a -G adm "$user" 2> /dev/null # may read what cloud-init has logged
  home=$(awk -F: -v u="$user" '$1 == u { print $6 }' /etc/passwd)
  home=${home:-/root}
  tools=/var/lib/pydron
fi
dir=$home/.pydron/claims/$claim
mkdir -p "$dir" "$tools"

# The lease: seconds since boot at which this ends. The worker writes a later one when it hears of one.
read -r uptime rest < /proc/uptime
first=$((${uptime%%.*} + lease))
boot=$(cat /proc/sys/kernel/random/boot_id)
echo "$first" > "$dir/lease"
printf '%s\n' "$token" > "$dir/token"
[ -z "$recalls" ] || printf '%s\n' "$recalls" > "$dir/recalls"

# Everything of the claim ends; then the machine, or, on a host of the user's own, the claim's folder.
cat > "$tools/end" << EOF
#!/bin/sh
pid=\$(cat '$dir/pid' 2> /dev/null)
[ -z "\$pid" ] || for signal in TERM 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 KILL; do
  kill -\$signal "-\$pid" 2> /dev/null || break
  sleep 0.5
done
# What a worker that was killed has left.
mark=\$(cat '$dir/mark' 2> /dev/null)
case \$mark in '' | *[!a-z0-9-]*) ;; *) rm -rf "/tmp/pydron-worker-\$mark" "/dev/shm/pydron-worker-\$mark" ;; esac
EOF
if [ -z "$end" ] && [ -n "${PYDRON_HOSTED:-}" ]; then
  end='rm -rf "$dir"'
elif [ -z "$end" ]; then
  end='systemctl poweroff || shutdown -h now || poweroff || poweroff -f || echo o > /proc/sysrq-trigger || kill -TERM 1'
fi
printf 'dir=%s\n%s\n' "'$dir'" "$end" >> "$tools/end"

# One look at the lease. A machine that was restarted ends: nobody knows what it has missed.
cat > "$tools/look" << EOF
#!/bin/sh
left=\$(cat '$dir/lease' 2> /dev/null)
case \$left in '' | *[!0-9]* | ???????????*) left=$first ;; esac
read -r uptime rest < /proc/uptime
if [ "\${uptime%%.*}" -ge "\$left" ] || [ "\$(cat /proc/sys/kernel/random/boot_id)" != '$boot' ]; then
  exec '$tools/end'
fi
EOF
chmod 700 "$tools/end" "$tools/look"

if [ -d /run/systemd/system ] && [ -z "${PYDRON_HOSTED:-}" ]; then
  cat > /etc/systemd/system/pydron-lease.service << EOF
[Unit]
Description=End this machine when its lease is over
[Service]
Type=oneshot
ExecStart=$tools/look
EOF
  cat > /etc/systemd/system/pydron-lease.timer << EOF
[Unit]
Description=Look at the lease of this machine
[Timer]
OnActiveSec=5
OnUnitActiveSec=5
AccuracySec=1
[Install]
WantedBy=timers.target
EOF
  systemctl daemon-reload
  systemctl enable --now pydron-lease.timer || say "the timer does not start"
else
  # A loop of its own session, which nobody's logout ends.
  cat > "$tools/watch" << EOF
#!/bin/sh
while [ -x '$tools/look' ]; do
  '$tools/look'
  sleep 2
done
EOF
  chmod 700 "$tools/watch"
  setsid "$tools/watch" > /dev/null 2>&1 < /dev/null &
  echo $! > "$tools/watch.pid"
fi

if [ -z "${PYDRON_HOSTED:-}" ]; then
  mkdir -p "$home/.ssh"
  printf 'restrict,port-forwarding %s\n' "$tunnel" > "$home/.ssh/authorized_keys"
  chown -R "$user" "$home/.ssh" "$home/.pydron"
  # The key that the workstation knows this machine by; only it is shown.
  printf '%s\n' "$host_key" > /etc/ssh/pydron_host_key
  chmod 600 /etc/ssh/pydron_host_key
  {
    echo 'HostKey /etc/ssh/pydron_host_key'
    echo 'ClientAliveInterval 10'
    echo 'ClientAliveCountMax 3'
    # Options count that come first.
    [ ! -f /etc/ssh/sshd_config ] || grep -v '^[[:space:]]*HostKey[[:space:]]' /etc/ssh/sshd_config
  } > /etc/ssh/sshd_config.pydron && mv /etc/ssh/sshd_config.pydron /etc/ssh/sshd_config
  chmod 644 /etc/ssh/sshd_config
  command -v sshd > /dev/null || [ -x /usr/sbin/sshd ] || say "there is no sshd on this image"
  if [ -d /run/systemd/system ]; then
    systemctl restart ssh 2> /dev/null || systemctl restart sshd || say "sshd does not start"
  else
    mkdir -p /run/sshd
    pkill -HUP -o sshd 2> /dev/null || kill -HUP "$(cat /run/sshd.pid 2> /dev/null)" 2> /dev/null || /usr/sbin/sshd || say "sshd does not start"
  fi
fi
command -v python3 > /dev/null || say "there is no python3 on this image"
say "ready for claim $claim"
