"""Plans drawn at random: whatever they ask for, the dispatch keeps its rules and loses nobody unsaid."""

import random

import pytest

from nspl_opt.dispatch.make import make_dispatch
from nspl_opt.scenario.situation import arrival_period

WAYS = (
    ("a1", "b1", "ambulance", "amb_R1"), ("a1", "b1", "ambulance", "amb_R2"), ("b1", "a1", "ambulance", "amb_R2"),
    ("a1", "c1", "aeroplane", "air"), ("c1", "a1", "aeroplane", "air"), ("a1", "holmen", "ferry", ""),
    ("holmen", "a1", "ferry", ""), ("b1", "a1", "bus", "buses"), ("a1", "b1", "helicopter", "heli"),
    ("b1", "holmen", "ferry", ""),
)  # fmt: skip
CAPACITY = {
    "aeroplane": {"icu": 2, "stretcher": 3, "seated": 0},
    "bus": {"icu": 0, "stretcher": 12, "seated": 0},
    "ferry": {"icu": 2, "stretcher": 40, "seated": 100},
}


def drawn(country, draw):
    """A country with few vehicles and a plan in it that nobody has proven possible."""
    here = country(
        hours=draw.choice([(6, 6, 12), (12, 12), (6, 6, 6, 6), (24, 24)]),
        quantity={pool: draw.randint(1, 3) for pool in ("amb_R1", "amb_R2", "amb_R4", "air")},
        capacity=CAPACITY,
        departures=tuple(sorted(draw.sample(range(100, 1400, 50), 3))),
    )
    periods, moves = here.situation.periods, {}
    for _ in range(draw.randint(3, 14)):
        origin, destination, vehicle, pool = draw.choice(WAYS)
        period, kind = draw.randrange(len(periods)), "ward" if vehicle == "bus" else draw.choice(["grave", "ward"])
        patients, trips = draw.choice([1, 2, 3, 5, 0.5, 2.25]), draw.choice([1, 2, 1.5])
        journey = here.travel.journey(0, vehicle, origin, destination)
        if journey is not None and arrival_period(periods, period, journey.minutes) is not None:
            key = (period, kind, origin, destination, vehicle)
            moves.setdefault(key, (*key, patients, pool, trips))
    return here, here.plan(*moves.values())


@pytest.mark.parametrize("seed", range(40))
def test_every_dispatch_keeps_its_rules(country, seed):
    here, plan = drawn(country, random.Random(seed))
    made = make_dispatch(plan, here.situation, here.travel, here.reference, 24)
    # Such a plan may itself ask for more than the duty share; everything else is the dispatch's own doing.
    assert not set(made.report.broken) - {"dispatch.duty"}, made.report.text("en")
