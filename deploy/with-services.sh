#!/usr/bin/env bash
# with-services.sh COMMAND…: runs a command with the services of services.sh in its environment, and takes them down again
# unless they were up before.
set -euo pipefail
services=$(cd "$(dirname "$0")" && pwd)/services.sh

if ! "$services" status &>/dev/null; then
    trap '"$services" down' EXIT
    "$services" up
fi
eval "$("$services" env)"
"$@"
