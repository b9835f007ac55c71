#!/bin/sh
# Backs up the live database: `scripts/backup-db.sh [reason]`, from any folder. It is `quartermaster backup`, of the
# checkout's .venv where there is one and else the installed one. Settings come from the environment, from a .env in the
# folder where this is started, or from the checkout's .env.
set -eu

checkout=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
program=$checkout/.venv/bin/quartermaster
[ -x "$program" ] || program=$(command -v quartermaster) || {
    echo "backup-db.sh: quartermaster is neither in $checkout/.venv nor installed. Run 'make setup' there first." >&2
    exit 127
}
[ -f .env ] || cd -- "$checkout"
exec "$program" backup "$@"
