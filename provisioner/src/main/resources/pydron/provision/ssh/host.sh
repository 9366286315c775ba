# One host of the user's own, asked to do $action: look, take, free. A host serves one claim at a time, of whatever
# installation: who makes the folder `taken` has it.
umask 077
base=$HOME/.pydron
taken=$base/taken
boot=$(cat /proc/sys/kernel/random/boot_id 2> /dev/null || echo none)

value() { sed -n "s/^$1=//p" "$taken/tag" 2> /dev/null; }

clear_away() {
  old=$(value claim)
  [ -z "$old" ] || rm -rf "$base/claims/$old"
  rm -rf "$taken"
}

# What a restart of the host has ended, or a start that was never finished.
if [ -d "$taken" ]; then
  if [ -f "$taken/tag" ]; then
    [ "$(value boot)" = "$boot" ] || clear_away
  elif [ -n "$(find "$taken" -maxdepth 0 -mmin +1 2> /dev/null)" ]; then
    rm -rf "$taken"
  fi
fi

case $action in
  take)
    mkdir -p "$base" || exit 4
    if mkdir "$taken" 2> /dev/null; then
      # In the background with its own session: what the user data starts outlives this connection.
      cat > "$taken/user-data"
      printf '%s\n' "$tag" "boot=$boot" > "$taken/tag.new" && mv "$taken/tag.new" "$taken/tag" || exit 4
      mkdir -p "$base/claims/$claim"
      chmod 700 "$taken/user-data"
      PYDRON_HOSTED=1 PYDRON_END='rm -rf "$dir" "$HOME/.pydron/taken"' setsid "$taken/user-data" \
        > "$base/claims/$claim/user-data.log" 2>&1 < /dev/null
    fi
    ;;
  free)
    if [ "$(value claim)" = "$claim" ] && [ "$(value installation)" = "$installation" ]; then
      echo "freed=yes"
      if [ -x "$base/claims/$claim/end" ]; then
        "$base/claims/$claim/end" > /dev/null 2>&1 < /dev/null
      fi
      [ "$(value claim)" != "$claim" ] || clear_away
    fi
    ;;
esac
[ ! -f "$taken/tag" ] || cat "$taken/tag"
[ ! -d "$taken" ] || echo "taken=yes"
echo "arch=$(uname -m)"
echo "cores=$(nproc 2> /dev/null || echo 1)"
# Not "print": where awk is mawk that gives 2.52765e+10.
echo "memory=$(awk '/^MemTotal:/ { printf "%.0f", $2 * 1024 }' /proc/meminfo 2> /dev/null)"
echo "clock=$(date +%s)"
for python in python3 python3.9 python3.10 python3.11 python3.12 python3.13 python3.14; do
  command -v $python > /dev/null && $python -c 'import sys; print("python=%d.%d.%d" % sys.version_info[:3])'
done
echo "end=ok"
