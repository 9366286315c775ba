#!/bin/sh
# The first process of the container: sshd, then the user data. The container ends when it is told to, which is also
# what the watchdog does when the lease is over.
trap 'exit 0' TERM INT
mkdir -p /run/sshd
ssh-keygen -A > /dev/null
/usr/sbin/sshd
id pydron > /dev/null 2>&1 || useradd -m -s /bin/sh pydron
usermod -p '*' pydron
if [ -s /user-data ]; then
  cp /user-data /run/user-data
  chmod 700 /run/user-data
  PYDRON_END=${PYDRON_END:-kill -TERM 1} /run/user-data > /var/log/cloud-init-output.log 2>&1 < /dev/null
fi
while :; do
  sleep 1000 &
  wait $!
done
