#!/usr/bin/env bash
# What an autoscaler reads of a pool: flat numbers. `wanted` is what KEDA's metrics-api scaler takes (valueLocation: wanted); it is what is
# queued, handed out or running, less what a pause holds back.
set -euo pipefail
url=${REFIT_URL:-http://127.0.0.1:7438}/api/v1
token=(${REFIT_TOKEN:+--header "Authorization: Bearer $REFIT_TOKEN"})
pool=${1:-cpu}

curl --silent --show-error --fail-with-body "${token[@]}" "$url/scaling/$pool"
echo
wanted=$(curl --silent --show-error --fail-with-body "${token[@]}" "$url/scaling/$pool" |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["wanted"])')
echo "pool $pool wants $wanted slots"
