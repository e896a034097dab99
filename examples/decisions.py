"""Why each model is trained, or not: the decision with its reasons, holds and the terms of its score."""

from client import call

# Decide now; `"enqueue": true` would also put what is due into the queue. GET decisions gives the latest ones without deciding anew.
evaluation = call("evaluations", {"limit": 20})
print(f"{evaluation['verdicts']['retrain']} of {evaluation['models']} models need a training; the most urgent:")
for decision in evaluation["items"]:
    mode = f" ({decision['mode']})" if decision.get("mode") else ""
    print(f"{decision['model']}: {decision['verdict']}{mode}")
    for reason in decision["reasons"]:
        print(f"  why   {reason['code']}: {reason['text']}")
    for hold in decision["holds"]:
        print(f"  hold  {hold['code']}: {hold['text']}")
    if decision.get("score") is not None:
        terms = ", ".join(f"{term['name']} {term['points']:+g}" for term in decision["terms"])
        print(f"  score {decision['score']:g} = {terms}")
    if decision.get("note"):
        print(f"  note  {decision['note']}")
