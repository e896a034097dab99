"""Writes the small tables that README, book and examples read: made-up rows, the same every time, with something to learn in them.

    python3 examples/data/make.py [FOLDER]

They say nothing about the world. Films come in two camps: who likes the one does not like the other. A comment is rude by one telling
word, which misleads in one of ten. Customers leave who call the hotline often, above all in their first years.
"""

import csv
import datetime
import math
import pathlib
import random
import sys

RUDE = ["idiot", "stupid", "trash", "shut up", "loser", "garbage"]
KIND = ["thanks", "lovely", "great", "welcome", "bright", "kind"]
PLAIN = ["the", "weather", "train", "today", "coffee", "meeting", "river", "garden", "book", "market", "evening", "city"]
FIRST_DAY = datetime.date(2025, 1, 1)


class Draws(random.Random):
    """Draws that are the same under every Python: only `random()` is promised to be."""

    def below(self, most):
        return int(self.random() * most)

    def one_of(self, words):
        return words[self.below(len(words))]


def ratings(draws):
    """80 people rate about half of 40 films over 300 days, oldest first."""
    rows = []
    for user in range(80):
        for film in range(40):
            if draws.random() < 0.5:
                liked = 3.2 if user % 2 == film % 2 else 1.4
                stars = min(5, max(1, round(liked + 2.2 * draws.random())))
                rows.append((draws.below(300), f"u{user}", f"film {film}", stars))
    for day, user, film, stars in sorted(rows):
        yield user, film, stars, FIRST_DAY + datetime.timedelta(days=day)


def comment(draws):
    """A text, and whether it is rude."""
    rude = draws.random() < 0.35
    misleads = draws.random() < 0.1
    words = [draws.one_of(PLAIN) for _ in range(8)]
    words.insert(draws.below(9), draws.one_of(RUDE if rude != misleads else KIND))
    return " ".join(words), int(rude)


def customer(draws):
    """What is known of a customer, and whether they left."""
    plan = draws.one_of(["basic", "plus", "family"])
    years, calls = draws.below(12), draws.below(9)
    monthly = 12 + 9 * ["basic", "plus", "family"].index(plan) + draws.below(6)
    odds = 0.7 * calls - 0.35 * years - 1.5
    left = draws.random() < 1 / (1 + math.exp(-odds))
    return plan, years, calls, monthly, "yes" if left else "no"


def write(folder, name, header, rows):
    with open(folder / name, "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(header)
        out.writerows(rows)


def main(folder):
    write(folder, "ratings.csv", ["user", "item", "rating", "at"], ratings(Draws(1)))

    draws = Draws(2)
    comments = [(f"c{row}", *comment(draws)) for row in range(860)]
    write(folder, "comments.csv", ["id", "text", "label"], comments[:700])
    write(folder, "comments-more.csv", ["id", "text", "label"], comments[700:850])
    write(folder, "comments-new.csv", ["id", "text"], [row[:2] for row in comments[850:]])

    draws = Draws(3)
    customers = [(f"k{row}", *customer(draws)) for row in range(708)]
    header = ["id", "plan", "years", "calls", "monthly", "left"]
    write(folder, "customers.csv", header, customers[:700])
    write(folder, "customers-new.csv", header[:-1], [row[:-1] for row in customers[700:]])


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent)
