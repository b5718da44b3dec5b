"""Markers: unique strings of 12 characters, one for each place that may hold something about a person.

A marker is made of capital letters and digits, or of digits alone where a field takes nothing else. The manifest names
the place of each, so that a marker found anywhere tells what leaked.
"""
import random

TEXT = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


class Markers:
    """classes: patient (about a person), secret (a credential), site (a name the site gave a machine)."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.rows, self.used = [], set()

    def new(self, where, kind="patient", digits=False):
        while True:
            if digits:
                marker = str(self.random.randrange(1, 10)) + "".join(self.random.choices("0123456789", k=11))
            else:
                marker = "QX" + "".join(self.random.choices(TEXT, k=10))
            if marker not in self.used:
                break
        self.used.add(marker)
        self.rows.append(dict(marker=marker, where=where, kind=kind))
        return marker

    def save(self, path):
        with open(path, "w") as f:
            f.write("marker\tclass\tplace\n")
            f.writelines(f"{row['marker']}\t{row['kind']}\t{row['where']}\n" for row in self.rows)
