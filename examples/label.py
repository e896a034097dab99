"""Tells what came of predictions. Labelled, the rows join the model's data set and are trained on from then on."""

import csv
import pathlib

from client import call

MODEL = "text/rude"

with open(pathlib.Path(__file__).parent / "data" / "comments-new.csv", newline="") as file:
    rows = list(csv.DictReader(file))
served = call(f"models/{MODEL}/predict", {"rows": rows})["predictions"]

# Somebody looks at them, and says what they are; here, whoever finds a telling word.
rude = ["idiot", "stupid", "trash", "shut up", "loser", "garbage"]
labels = [
    {"prediction": prediction["id"], "value": str(int(any(word in row["text"] for word in rude)))}
    for row, prediction in zip(rows, served)
]
report = call(f"models/{MODEL}/labels", {"labels": labels})
print(f"{report['labelled']} labelled, {len(report['refused'])} refused, in the data set {report['dataset']}")

# How the predictions of each version have turned out.
for score in call(f"models/{MODEL}/predictions?scored=true")["scores"]:
    print(f"{score['version']}: {score['served']} served, {score['labelled']} labelled, mean loss {score['loss']:.3f}")
