"""Asks for a training and follows it by the stream of events (server-sent events), until its verdict has fallen."""

import json
import urllib.request

from client import call, request

MODEL = "text/rude"
ENDED = ("completed", "failed", "cancelled")


def events(path, last_id=None):
    """The events of a stream, each with the id behind which one could go on."""
    headers = {"Last-Event-ID": last_id} if last_id else {}
    with urllib.request.urlopen(request(path, headers=headers), timeout=60) as stream:
        for line in stream:
            field, _, value = line.decode().rstrip("\n").partition(": ")
            if field == "id":
                last_id = value
            elif field == "data":
                yield json.loads(value), last_id


# Listen first, then ask: nothing is missed in between.
stream = events(f"events?model={MODEL}&kinds=job,progress,verdict")
item = call("trainings", {"model": MODEL, "mode": "complete", "force": True})["items"][0]
for event, _ in stream:
    match event["event"]:
        case "job":
            print(f"job {event['job']} is {event['state']}")
        case "verdict":
            print(f"{event['version']} is {event['status']}: {event['verdict']}")
        case other:
            print(other)
    # Events are hints, and a listener that was too slow is told `missed`: what counts is the job itself.
    if event.get("state") in ENDED or event["event"] == "missed":
        if (job := call(f"jobs/{item['job']}"))["state"] in ENDED:
            print(f"{job['state']}: {job['why']}")
            break
