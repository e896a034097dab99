#!/usr/bin/env bash
# Rows come in: CSV as the body, what it is in the query. The answer counts what is new, what superseded an earlier row, what was there
# already and what was refused, with the line and reason of each refusal; refused rows keep no others out.
set -euo pipefail
url=${REFIT_URL:-http://127.0.0.1:7438}/api/v1
token=(${REFIT_TOKEN:+--header "Authorization: Bearer $REFIT_TOKEN"})
data=$(dirname "$0")/data

bring() { # DATASET FILE QUERY
    curl --silent --show-error --fail-with-body "${token[@]}" --header 'Content-Type: text/csv' --data-binary "@$data/$2" \
        "$url/datasets/$1/rows?file=$2&$3"
    echo
}

bring comments comments.csv key=id           # `id` names a row: a later one of the same id stands for it
bring movies ratings.csv 'key=user,item&time=at'
bring comments comments.csv key=id           # the same again: nothing is new
curl --silent --show-error --fail-with-body "${token[@]}" "$url/datasets/comments"
echo
