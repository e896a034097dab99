#!/usr/bin/env bash
# Questions to live versions: rows to a classifier, a user to a recommender. They go past the queue of jobs, so no training delays them.
# 503 says that the model is still being loaded: ask again.
set -euo pipefail
url=${REFIT_URL:-http://127.0.0.1:7438}/api/v1
token=(${REFIT_TOKEN:+--header "Authorization: Bearer $REFIT_TOKEN"})

ask() { # PATH JSON
    curl --silent --show-error --fail-with-body --retry 3 "${token[@]}" --json "$2" "$url/$1"
    echo
}

# A row has the columns that the model reads; the answer has a value and an id each, by which its outcome can be told.
ask models/text/rude/predict '{"rows": [{"text": "lovely weather today"}, {"text": "shut up you loser"}]}'
# A user the model knows, and one it has never heard of, by ratings of theirs.
ask models/recommender/movies/recommendations '{"user": "u8", "n": 3}'
ask models/recommender/movies/recommendations \
    '{"user": "somebody", "n": 3, "ratings": [{"item": "film 2", "value": 5}, {"item": "film 3", "value": 1}]}'
