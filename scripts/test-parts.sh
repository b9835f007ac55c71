#!/bin/sh
# What the tests need from the system: a browser; a webview, a screen and hands for the window; certificates, restic, what
# reads systemd's units and desktop files, and what a deployment and its pages use. As root on Debian, missing parts are
# installed; otherwise they are named. With CI=true a missing part is a failure. `test-parts.sh chromium` looks for the
# browser alone.
set -eu
only=${1:-}

# A browser's engine alone is quicker for tests. Benchmarks take the whole browser, as people do.
engine=chromium-headless-shell

has_browser() {
    # The names that tests/chromium.py looks for.
    for browser in chromium chromium-browser google-chrome google-chrome-stable; do
        ! command -v "$browser" >/dev/null 2>&1 || return 0
    done
    [ "$only" != chromium ] && command -v "$engine" >/dev/null 2>&1
}

missing() {
    has_browser || echo chromium
    [ "$only" != chromium ] || return 0
    command -v openssl >/dev/null 2>&1 || echo openssl
    command -v restic >/dev/null 2>&1 || echo restic
    command -v systemd-analyze >/dev/null 2>&1 || echo systemd
    command -v git >/dev/null 2>&1 || echo git
    command -v curl >/dev/null 2>&1 || echo curl
    command -v ssh >/dev/null 2>&1 || echo openssh-client
    command -v htpasswd >/dev/null 2>&1 || echo apache2-utils
    command -v node >/dev/null 2>&1 || echo nodejs
    command -v npm >/dev/null 2>&1 || echo npm
    command -v Xvfb >/dev/null 2>&1 || echo xvfb
    command -v xauth >/dev/null 2>&1 || echo xauth
    command -v openbox >/dev/null 2>&1 || echo openbox
    command -v xdotool >/dev/null 2>&1 || echo xdotool
    command -v xprop >/dev/null 2>&1 || echo x11-utils
    command -v import >/dev/null 2>&1 || echo imagemagick
    command -v rsvg-convert >/dev/null 2>&1 || echo librsvg2-bin
    command -v desktop-file-validate >/dev/null 2>&1 || echo desktop-file-utils
    command -v appstreamcli >/dev/null 2>&1 || echo appstream
    ls /usr/lib/*/faketime/libfaketimeMT.so.1 >/dev/null 2>&1 || echo faketime
    # Debian makes its webview for its own Python's version; an environment of that version can use it.
    "${PYTHON:-python3}" -c 'import sys; from quartermaster.window.lacking import toolkit; sys.exit(not toolkit())' \
        || echo python3-gi gir1.2-webkit2-4.1
}

parts=$(missing | tr '\n' ' ')
[ -n "$parts" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing what the tests need: $parts"
    apt-get update -qq
    # Not every Debian has it.
    if [ "$only" != chromium ] && apt-cache show "$engine" >/dev/null 2>&1; then
        parts=$(printf %s "$parts" | sed "s/^chromium /$engine /")
    fi
    # shellcheck disable=SC2086 # a list of words
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $parts >/dev/null
    parts=$(missing | tr '\n' ' ')
    [ -n "$parts" ] || exit 0
fi

echo "The tests need these system packages, which are missing: $parts"
echo "On Debian or Ubuntu: sudo apt-get update && sudo apt-get install $parts"
[ "${CI:-}" != true ] || exit 1
