# Says where the scheduler is now (a port of this machine, where a tunnel begins, or HOST:PORT), brings fresh certificates, and starts the worker unless it runs.
umask 077
dir=$HOME/.pydron/claims/$claim
mkdir -p "$dir/tls" || exit 1
put() {
  printf '%s\n' "$2" > "$dir/$1.new" && mv "$dir/$1.new" "$dir/$1"
}
# The key before its certificate: a worker that reads between the two tries again.
put tls/authority.pem "$authority"
put tls/key.pem "$key"
put tls/certificate.pem "$certificate"
put gateway "$gateway"
pid=$(cat "$dir/pid" 2> /dev/null)
if [ -n "$pid" ] && kill -0 "$pid" 2> /dev/null; then
  echo "worker=$pid"
else
  [ ! -f "$dir/log" ] || tail -c 1000000 "$dir/log" > "$dir/log.old"
  # A session of its own: it outlives this connection, and can be ended with all its children.
  setsid sh -c 'echo $$ > "$0/pid"; exec "$@"' "$dir" \
    "$bundle/bin/pydron-worker" "$dir" "${slots:-$(nproc 2> /dev/null || echo 1)}" "$python" > "$dir/log" 2>&1 < /dev/null &
  echo "worker=$!"
fi
echo "end=ok"
