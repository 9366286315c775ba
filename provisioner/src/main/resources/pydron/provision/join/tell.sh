# The last lines of what may say why there is no worker.
dir=$HOME/.pydron/claims/$claim
for log in "$dir/log" /var/log/cloud-init-output.log; do
  if [ -s "$log" ]; then
    echo "log=$log"
    tail -n 8 "$log" 2> /dev/null | cut -c 1-300 | sed 's/^/line=/'
    break
  fi
done
echo "end=ok"
