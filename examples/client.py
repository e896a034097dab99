"""One call of Refit's API, for the other examples."""

import json
import os
import sys
import urllib.error
import urllib.request

URL = os.environ.get("REFIT_URL", "http://127.0.0.1:7438") + "/api/v1"


def request(path, body=None, method=None, headers=None):
    """The request for a path below /api/v1; a body is sent as JSON."""
    data = None if body is None else json.dumps(body).encode()
    all_headers = {"Content-Type": "application/json", **(headers or {})}
    if token := os.environ.get("REFIT_TOKEN"):
        all_headers["Authorization"] = f"Bearer {token}"
    return urllib.request.Request(f"{URL}/{path}", data=data, method=method, headers=all_headers)


def call(path, body=None, method=None):
    """The answer as JSON. What is refused says why and what to do next, and ends the program."""
    try:
        with urllib.request.urlopen(request(path, body, method), timeout=70) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        problem = json.load(error)
        sys.exit(f"{problem['status']} {problem['title']}: {problem['detail']}\n  {problem.get('hint') or ''}")
