"""Somebody with a region's key who wants to know a neighbour's room, and who knows how the service hides it.

The worlds are the worst there are: one neighbour who can help, every other figure known to the attacker.
"""

import random
import tomllib
from collections.abc import Callable, Iterator

from api.answers.what_ifs import own_figures
from nspl_opt.formulation.spec import model_from_dict
from nspl_opt.jobs.what_if import answer, tried
from nspl_opt.living import Living
from nspl_opt.shipped import shipped_dir
from tests.formulation.small import ICU, WARD, model, small

DAYS, BEDS, FEW, THEIRS = 5, 60, 40, 20
"""Days of the plan, beds of the attacker with one helper and in the national model, patients of the neighbour."""
WEIGHT = 10
"""Of a patient without intensive care."""
QUERIES = 200
FAMILIES = ("beds", "staff", "staff_loans", "transports", "elective", "areas", "reserve")

Changes = tuple[tuple[str, str], ...]
Ask = Callable[[Changes], dict]


def one_helper(room: int, days: int = DAYS) -> Living:
    """Region a, full; region b, which has so many beds free; roads and ambulances enough."""
    case = small(
        {"aa": "a", "bb": "b"},
        hours=(24,) * days,
        beds={("icu", "aa"): BEDS, ("icu", "bb"): THEIRS + room},
        initial={("icu", "aa"): BEDS, ("icu", "bb"): THEIRS},
        fleet={"amb-a": 400, "amb-b": 400},
    )
    return Living.of(case.situation, case.situation, case.travel, model_from_dict(model(["beds", "transports"])))


def national(room: int) -> Living:
    """The national model: region b may help a with what its reserve leaves, and region c, too full, competes."""
    case = small(
        {"aa": "a", "bb": "b", "cc": "c"},
        hours=(24,) * DAYS,
        categories=(ICU, WARD),
        beds={
            ("icu", "aa"): FEW, ("icu", "bb"): THEIRS + 4 + room, ("icu", "cc"): 10,
            ("ward", "aa"): 80, ("ward", "bb"): 96, ("ward", "cc"): 40,
        },
        planned={("icu", "aa"): 3, ("icu", "bb"): 4},
        initial={
            ("icu", "aa"): FEW - 4, ("icu", "bb"): THEIRS, ("icu", "cc"): 14,
            ("ward", "aa"): 75, ("ward", "bb"): 55, ("ward", "cc"): 40,
        },
        arrivals={("icu", "aa"): 1, ("ward", "cc"): 1},
        staff={"aa": 600, "bb": 2000, "cc": 300},
        fleet={"amb-a": 100, "amb-b": 100, "amb-c": 50},
    )  # fmt: skip
    text = tomllib.loads((shipped_dir("models") / "national.toml").read_text("utf-8"))
    families = {name: text["families"][name] for name in FAMILIES}
    families["staff_loans"] = {**families["staff_loans"], "professions": ["nurse"]}
    goals = [goal for goal in text["goals"] if goal["name"] != "agreements_broken"]
    spec = model_from_dict(model(families, goals, {"time_limit_s": 20}))
    return Living.of(case.situation, case.situation, case.travel, spec)


def asker(living: Living, region: str = "a", rounded: bool = True) -> Ask:
    """What the service tells a region about one question; ``rounded`` False: as if the others' room were not."""

    def ask(changes: Changes) -> dict:
        return own_figures(answer(tried(living, changes, region if rounded else ""), 0.0), region)

    return ask


def questions(seed: int, count: int = QUERIES) -> Iterator[Changes]:
    """Fine sizes, every window, several changes at once: whatever moves the borders between rounded answers."""
    chance = random.Random(seed)
    for _ in range(count):
        changes = []
        for _ in range(chance.choice((1, 1, 2, 3))):
            size = chance.choice((f"-{chance.randint(1, BEDS)}", f"x{chance.random():.3f}", f"+{chance.randint(1, 9)}"))
            begin = chance.randrange(0, 24 * DAYS - 1)
            window = chance.choice(("", f"@{begin}", f"@{begin}-{chance.randint(begin + 1, 24 * DAYS)}"))
            changes.append(("beds", f"a:icu={size}{window}"))
        yield tuple(changes)


class Bisector:
    """Bisects where care begins to lack, then reads the slope beyond, then shifts the steps with windows."""

    def __init__(self, ask: Ask, queries: int = QUERIES, beds: int = BEDS) -> None:
        self.ask, self.left, self.beds = ask, queries, beds

    def _lacks(self, beds: int, window: str = "") -> float:
        """Patient-hours that lack when so many beds are cut; remembered by nobody: it has queries enough."""
        self.left -= 1
        told = self.ask((("beds", f"a:icu=-{beds}{window}"),))
        return told["own_after"] - told["own_before"]

    def room(self) -> float:
        """The room of the neighbour, as the answers have it [beds]."""
        low, high = 0, self.beds
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self._lacks(middle) > 0 else (middle, high)
        readings = []
        for beds in range(self.beds, low, -1):
            for window, hours in (("", 24 * DAYS), *((f"@{24 * day}", 24 * (DAYS - day)) for day in range(1, DAYS))):
                if self.left <= 0:
                    break
                if (lacks := self._lacks(beds, window)) > 0:
                    readings.append(beds - lacks / WEIGHT / hours)
        readings.sort()
        found = readings[len(readings) // 2] if readings else float(low)
        return min(max(found, low - 1.0), high + 1.0)
