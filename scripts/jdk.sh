# Sourced by scripts that need a JDK. find_jdk sets jdk (its folder) and jdk_version (a line of its release file that
# changes with every update), or says what is wrong and returns 127 (none) or 126 (only old ones).
#
# The version is read from the `release` file: starting every candidate to ask it would take seconds.

jdk_minimum=25

# Prints the feature number of the JDK in folder $1, nothing if there is no JDK in it.
jdk_feature() {
  [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 0
  sed -n 's/^JAVA_VERSION="\(1\.\)\{0,1\}\([0-9]*\).*/\2/p' "$1/release"
}

# Where JDKs are usually installed, unquoted words. (Tests look elsewhere.)
jdk_places() {
  if [ -n "${PYDRON_JDK_PLACES+set}" ]; then
    # shellcheck disable=SC2086
    printf '%s\n' $PYDRON_JDK_PLACES
    return
  fi
  printf '%s\n' /usr/lib/jvm/* /usr/java/* /opt/java/* /opt/jdk* \
    "${HOME-}"/.sdkman/candidates/java/* "${HOME-}"/.jdks/* "${HOME-}"/.asdf/installs/java/* \
    "${HOME-}"/.local/share/mise/installs/java/* "${HOME-}"/.jenv/versions/*
  sed -n 's:.*<jdkHome>\(.*\)</jdkHome>.*:\1:p' "${HOME-}/.m2/toolchains.xml" 2> /dev/null
}

find_jdk() {
  local candidate feature old_home='' old_feature=0 on_path
  on_path=$(command -v java || true)
  [ -z "$on_path" ] || on_path=$(readlink -f "$on_path")
  while read -r candidate; do
    [ -n "$candidate" ] || continue
    feature=$(jdk_feature "$candidate")
    [ -n "$feature" ] || continue
    if [ "$feature" -ge "$jdk_minimum" ]; then
      jdk=$(cd "$candidate" && pwd -P)
      jdk_version=$(grep '^JAVA_RUNTIME_VERSION=' "$jdk/release" || grep '^JAVA_VERSION=' "$jdk/release")
      return 0
    fi
    if [ "$feature" -gt "$old_feature" ]; then
      old_feature=$feature
      old_home=$candidate
    fi
  done < <(printf '%s\n' "${PYDRON_JDK-}" "${JAVA_HOME-}" "${on_path%/bin/java}"; jdk_places)
  if [ -n "$old_home" ]; then
    echo "pydron: a JDK $jdk_minimum or newer is needed; the newest found is $old_feature, in $old_home" >&2
  else
    echo "pydron: a JDK $jdk_minimum or newer is needed; none was found" >&2
  fi
  echo "  Looked at JAVA_HOME, java on the PATH, /usr/lib/jvm, ~/.sdkman, ~/.jdks and Maven's toolchains.xml." >&2
  echo "  Install one (for instance Eclipse Temurin $jdk_minimum) or set JAVA_HOME to the folder of one that is elsewhere." >&2
  [ -n "$old_home" ] && return 126
  return 127
}
