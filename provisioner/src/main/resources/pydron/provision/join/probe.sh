# What is on this machine: lines of KEY=VALUE. Nothing is changed.
dir=$HOME/.pydron/claims/$claim
echo "arch=$(uname -m)"
[ -s "$dir/token" ] && echo "claim=yes"
for place in "$HOME/.pydron/bundles" /opt/pydron/bundles; do
  for hash in $hashes; do
    [ -x "$place/$hash/bin/pydron-worker" ] && echo "bundle=$hash $place/$hash"
  done
done
pid=$(cat "$dir/pid" 2> /dev/null) && kill -0 "$pid" 2> /dev/null && echo "worker=$pid"
[ -s "$dir/state" ] && echo "state=$(cat "$dir/state")"
echo "free=$(df -Pk "$HOME" 2> /dev/null | awk 'NR == 2 { print $4 }')"
for name in ${wanted:+python$wanted} python3 python3.9 python3.10 python3.11 python3.12 python3.13 python3.14; do
  for folder in $(echo "$PATH" | tr ':' ' ') /usr/local/bin /opt/conda/bin; do
    [ -x "$folder/$name" ] && "$folder/$name" -c 'import sys; print("python=%d.%d.%d %s" % (sys.version_info[:3] + (sys.executable,)))' 2> /dev/null
  done
done | awk '!seen[$0]++'
echo "end=ok"
