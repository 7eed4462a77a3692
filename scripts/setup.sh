#!/bin/sh
# Makes the virtual environment and installs what is missing. Safe to run again; `make` runs it when it must.
set -eu

PYTHON=${PYTHON:-python3}
VENV=${VENV:-.venv}

say() { printf 'setup: %s\n' "$*" >&2; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

can_install() {
    command -v apt-get >/dev/null 2>&1 && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }
}

"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || {
    say "Python 3.11 or newer is needed; found $("$PYTHON" --version 2>&1 || echo none). Try: make PYTHON=python3.11"
    exit 2
}

# All at once, and one by one where that fails: a package that this system does not have must not hold up the others.
install_packages() {
    log="${TMPDIR:-/tmp}/jaso-apt.log"
    as_root apt-get update -qq >"$log" 2>&1 || say "apt-get update failed ($log)"
    apt_install "$@" >>"$log" 2>&1 && return
    for package in "$@"; do
        apt_install "$package" >>"$log" 2>&1 || say "apt-get could not install $package ($log); install it by hand"
    done
}

apt_install() { DEBIAN_FRONTEND=noninteractive as_root apt-get install -y -qq --no-install-recommends "$@"; }

missing=""
command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1 || missing="$missing chromium"
command -v chromedriver >/dev/null 2>&1 || missing="$missing chromium-driver"
fc-list 2>/dev/null | grep -qiE 'nanum|noto sans (cjk )?kr' || missing="$missing fonts-nanum"
missing="$missing${SYSTEM_PACKAGES:+ $SYSTEM_PACKAGES}" # what the caller wants besides
has_venv=yes
"$PYTHON" -c 'import ensurepip, venv' 2>/dev/null || has_venv=no missing="$missing python3-venv"
if [ -n "$missing" ]; then
    if can_install; then
        say "installing$missing with apt-get (about a minute)"
        # shellcheck disable=SC2086  # one word a package
        install_packages $missing & # beside pip, which mostly waits for the network
        [ $has_venv = yes ] || wait
    else
        say "not installed:$missing. With them more works; on Debian or Ubuntu: sudo apt-get install$missing"
    fi
fi

# An interrupted first call leaves a Python without pip.
"$VENV/bin/python" -m pip --version >/dev/null 2>&1 || "$PYTHON" -m venv --clear "$VENV"
say "installing Python packages into $VENV (about two minutes the first time)"
# One command for all, so that pip sees the pinned torch before anything asks for another. Python compiles what is
# imported, which is a small part of all.
"$VENV/bin/python" -m pip install -qq --no-compile -c constraints.txt -e '.[dev]'
wait
say "ready"
