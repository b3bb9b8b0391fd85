"""Somebody with a region's key who wants to know a neighbour's room, and who knows how the service hides it.

The worlds are the worst there are: one neighbour who can help, every other figure known to the attacker.
"""

import random
from collections.abc import Callable, Iterator

from api.answers.what_ifs import own_figures
from nspl_opt.formulation.spec import model_from_dict
from nspl_opt.jobs.what_if import answer, tried
from nspl_opt.living import Living
from nspl_opt.others import RATIO
from tests.formulation.small import model, small

DAYS, BEDS, THEIRS = 5, 60, 20
"""Days of the plan, beds of the attacker (all taken), patients of the neighbour."""
WEIGHT = 10
"""Of a patient without intensive care."""
QUERIES = 200

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

    def __init__(self, ask: Ask, queries: int = QUERIES) -> None:
        self.ask, self.left = ask, queries

    def _lacks(self, beds: int, window: str = "") -> float:
        """Patient-hours that lack when so many beds are cut; remembered by nobody: it has queries enough."""
        self.left -= 1
        told = self.ask((("beds", f"a:icu=-{beds}{window}"),))
        return told["own_after"] - told["own_before"]

    def room(self) -> float:
        """The room of the neighbour, as the answers have it [beds]."""
        low, high = 0, BEDS
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self._lacks(middle) > 0 else (middle, high)
        readings = []
        for beds in range(BEDS, low, -1):
            for window, hours in (("", 24 * DAYS), *((f"@{24 * day}", 24 * (DAYS - day)) for day in range(1, DAYS))):
                if self.left <= 0:
                    break
                if (lacks := self._lacks(beds, window)) > 0:
                    readings.append(beds - lacks / WEIGHT / hours)
        readings.sort()
        found = readings[len(readings) // 2] if readings else float(low)
        return min(max(found, low - 1.0), high + 1.0)


def best_guess(read: float) -> float:
    """Who knows that room is rounded down to powers of a ratio guesses where no truth is further off than need be."""
    return read * 2 * RATIO / (1 + RATIO)
