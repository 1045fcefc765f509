#!/usr/bin/env bash
# Make the environment: make_env.sh VENV LOCK. Works with nothing but a python3 >= 3.11 that has venv.
set -euo pipefail

# A strict umask would hide the programs of the environment from the user that PostgreSQL runs as.
umask 022

venv=$1
lock=$2

find_python() {
  local name
  for name in ${PYTHON:-} python3 python3.13 python3.12 python3.11 python3.14; do
    if "$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$name"
      return
    fi
  done
  echo "raccord needs Python 3.11 or later with its venv module (found: $(python3 --version 2>&1 || true))." >&2
  echo "Install one (Debian: apt install python3 python3-venv) or name one: make env PYTHON=/path/to/python3" >&2
  return 1
}

# The first requirement of the lock whose name is $1, with its hashes, as a requirements file of its own.
print_locked() {
  awk -v name="$1==" 'index($0, name) == 1 {on = 1} on {print} on && !/\\$/ {exit}' "$lock"
}

is_usable() {
  [ -x "$venv/bin/python" ] && "$venv/bin/python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

if ! is_usable; then
  python=$(find_python)
  echo "Making $venv with $("$python" --version)"
  rm -rf "$venv"
  "$python" -m venv "$venv"
fi

uv=$(command -v uv || true)
if [ -z "$uv" ] || ! "$uv" --version >/dev/null 2>&1; then
  uv=$venv/bin/uv
  if ! [ -x "$uv" ]; then
    echo "Installing uv in $venv"
    print_locked uv >"$venv/uv.lock"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r "$venv/uv.lock"
  fi
fi

echo "Installing the packages of $lock"
# Copies suit a cache on another file system; a machine's own certificates suit a network that inspects traffic.
export UV_LINK_MODE=${UV_LINK_MODE:-copy}
if [ -e /etc/ssl/certs/ca-certificates.crt ]; then
  export UV_SYSTEM_CERTS=${UV_SYSTEM_CERTS:-true} UV_NATIVE_TLS=${UV_NATIVE_TLS:-true}
fi
# Compiled once here rather than at each start, where a machine keeps Python from writing what it compiles.
"$uv" pip sync --python "$venv/bin/python" --quiet --require-hashes --compile-bytecode "$lock"
# The project itself is built by the backend that the lock holds.
"$uv" pip install --python "$venv/bin/python" --quiet --no-deps --no-build-isolation --editable .
echo "Ready: $venv/bin/raccord"
