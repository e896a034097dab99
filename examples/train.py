"""Registers a model on a data set, asks for a training, and waits for its end.

    python3 train.py [MODEL DATASET]
"""

import sys

from client import call

model, dataset = sys.argv[1:] or ("text/rude", "comments")

# What is left out stays as it is, so this may be repeated. The family is the part before the slash.
call(f"models/{model}", {"dataset": dataset}, "PUT")

# `force` trains also where no rule asks for it; without it the answer may be that nothing is due, and why.
item = call("trainings", {"model": model, "force": True})["items"][0]
print(f"{item['model']}: {item['result']} ({item['mode']}): {item['why']}")
if not item.get("job"):
    sys.exit(1)

# `wait` answers when the job has ended, after so many seconds at the latest: then ask again.
while True:
    job = call(f"jobs/{item['job']}?wait=50")
    if job["state"] in ("completed", "failed", "cancelled"):
        break
    print(f"{job['state']}: {job['why']}")
print(f"{job['state']}: {job['why']}")

for version in call(f"models/{model}/versions?limit=1")["items"]:
    gain = 100 * (version["loss"] / version["baseline_loss"] - 1)
    print(f"{version['version']} is {version['status']}: {version['loss_name']} {gain:+.1f} % of its baseline's")
sys.exit(job["state"] != "completed")
