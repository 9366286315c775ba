# Takes a bundle from an address, or without one from standard input. What was left by a try before this one is removed; the bundle is there when all of
# it is there.
set -e
umask 077
bundles=$HOME/.pydron/bundles
mkdir -p "$bundles"
rm -rf "$bundles/.$hash".*
part=$bundles/.$hash.$$
mkdir "$part"
trap 'rm -rf "$part"' EXIT
if [ -n "$address" ]; then
  # What every image has that a worker can run on. The address is handed on where nobody sees it.
  ADDRESS=$address "$python" -c '
import os, shutil, sys, urllib.error, urllib.request
try:
    with urllib.request.urlopen(os.environ["ADDRESS"], timeout=30) as answer, open(sys.argv[1], "wb") as file:
        shutil.copyfileobj(answer, file, 1 << 20)
except (OSError, ValueError) as error:
    said = error.read(500).decode("utf-8", "replace") if isinstance(error, urllib.error.HTTPError) else ""
    sys.exit("%s %s" % (error, " ".join(said.split())))
' "$part/bundle.tar.gz" < /dev/null
else
  cat > "$part/bundle.tar.gz"
fi
sum=$(sha256sum "$part/bundle.tar.gz") || sum=$(shasum -a 256 "$part/bundle.tar.gz")
if [ "${sum%% *}" != "$hash" ]; then
  echo "pydron: the bundle arrived damaged" >&2
  exit 9
fi
mkdir "$part/out"
tar -C "$part/out" -xzf "$part/bundle.tar.gz"
mv "$part/out"/* "$part/bundle"
[ -x "$bundles/$hash/bin/pydron-worker" ] || { rm -rf "${bundles:?}/$hash"; mv "$part/bundle" "$bundles/$hash"; }
# Older bundles that no worker runs from.
for old in "$bundles"/*; do
  [ "$old" = "$bundles/$hash" ] || ps -eo args 2> /dev/null | grep -q "^$old/" || rm -rf "$old"
done
echo "end=ok"
