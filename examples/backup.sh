#!/usr/bin/env bash
# Copies the live version of a model to the place of backups, whole and checked file by file, and lists what there is. A restore makes a
# backup live again, also with the store gone: POST models/MODEL/backups/ID/restore.
set -euo pipefail
url=${REFIT_URL:-http://127.0.0.1:7438}/api/v1
token=(${REFIT_TOKEN:+--header "Authorization: Bearer $REFIT_TOKEN"})
model=${1:-text/rude}

curl --silent --show-error --fail-with-body "${token[@]}" --json '{"note": "before the audit"}' "$url/models/$model/backups"
echo
curl --silent --show-error --fail-with-body "${token[@]}" "$url/models/$model/backups"
echo
