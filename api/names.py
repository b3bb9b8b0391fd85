"""What codes are called: regions, categories, professions and vehicles, from the reference package."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from nspl_opt.problems import did_you_mean
from nspl_opt.store.drafts import NATIONAL

from .problems import Fault

Both = tuple[str, str]
"""A name in Swedish and in English."""
NATIONAL_NAMES = ("Nationella transporter", "National transports")


@dataclass(frozen=True, slots=True)
class Names:
    """Code -> names. ``regions`` have one name, the others one in Swedish and one in English."""

    regions: Mapping[str, str]
    categories: Mapping[str, Both]
    professions: Mapping[str, Both]
    vehicle_types: Mapping[str, Both]

    def region(self, code: str) -> Both:
        """A region's name in both languages, or what stands for national vehicles; the code where it has none."""
        name = self.regions.get(code, code)
        return NATIONAL_NAMES if code == NATIONAL else (name, name)

    def thing(self, code: str) -> Both:
        """Of a category, profession or vehicle type; the code where a scenario has one of its own."""
        for kind in (self.categories, self.professions, self.vehicle_types):
            if code in kind:
                return kind[code]
        return code, code

    @property
    def codes(self) -> Mapping[str, Mapping[str, Both]]:
        """Table of the reference package -> its codes, for the form of a help request."""
        return {
            "care_categories": self.categories, "professions": self.professions, "vehicle_types": self.vehicle_types,
        }  # fmt: skip

    def check_what(self, code: str, field: str) -> tuple[Fault, ...]:
        """What is wrong with a category or profession that somebody sent."""
        known = {*self.categories, *self.professions}
        return () if code in known else (unknown(field, "a care category or profession", code, known),)


def unknown(field: str, kind: str, code: str, known: Iterable[str]) -> Fault:
    """A code that is none, with the nearest one that is."""
    return Fault(field, f"is no code of {kind}", did_you_mean(code, known))


def read_names(folder: Path) -> Names:
    """The names of a reference package; its heavier parts are read where a plan is made."""
    both = (_table(folder, name, "name_sv", "name_en") for name in ("care_categories", "professions", "vehicle_types"))
    regions = {code: name for code, (name,) in _table(folder, "regions", "name").items()}
    return Names(regions, *both)


def _table(folder: Path, name: str, *columns: str) -> dict[str, tuple[str, ...]]:
    with open(folder / f"{name}.csv", encoding="utf-8-sig", newline="") as stream:
        return {row["code"]: tuple(row[column] for column in columns) for row in csv.DictReader(stream)}
