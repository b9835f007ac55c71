#!/bin/sh
# What the tests need from the system: a browser, and a screen for the window. As root on Debian, missing parts are
# installed; otherwise they are named. With CI=true a missing part is a failure.
set -eu

missing() {
    command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 || echo chromium
    command -v Xvfb >/dev/null 2>&1 || echo xvfb
    command -v xauth >/dev/null 2>&1 || echo xauth
}

parts=$(missing | tr '\n' ' ')
[ -n "$parts" ] || exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing what the tests need: $parts"
    apt-get update -qq
    # shellcheck disable=SC2086 # a list of words
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $parts >/dev/null
    parts=$(missing | tr '\n' ' ')
    [ -n "$parts" ] || exit 0
fi

echo "The tests need these system packages, which are missing: $parts"
echo "On Debian or Ubuntu: sudo apt-get update && sudo apt-get install $parts"
[ "${CI:-}" != true ] || exit 1
