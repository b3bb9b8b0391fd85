"""What a scenario says of care: the crisis standard, stays, paths, other beds, places in the municipalities."""

from __future__ import annotations

import pytest

from nspl_opt.problems import InvalidInput
from nspl_opt.scenario.resolve import resolve


def codes(toy, scenario) -> list[tuple[str, str]]:
    """(code, address) of every problem of a scenario."""
    with pytest.raises(InvalidInput) as refused:
        resolve(toy, scenario)
    return [(problem.code, problem.where.split(": ")[-1]) for problem in refused.value.problems]


UNLOCKED = '\n[[crisis]]\nplaces = ["01"]\nfrom_h = 6\nto_h = 30\nunlocked_by = "regionledning"\n'


def test_the_crisis_standard_is_unlocked_in_periods_that_lie_wholly_in_the_window(given, toy):
    situation = resolve(toy, given(UNLOCKED))
    assert situation.crisis_open[0].tolist() == [False, True, True, True, False, False]
    assert not situation.crisis_open[1:].any()
    assert resolve(toy, given(folder="again")).crisis_open is None


def test_a_region_is_unlocked_when_all_its_hospitals_are(given, toy):
    one = given(UNLOCKED.replace('"01"', '"alfa"'))
    assert not resolve(toy, one, "region").crisis_open.any()
    assert resolve(toy, one, "hospital").crisis_open.sum() == 3
    both = given(UNLOCKED.replace('"01"', '"alfa", "beta"'), folder="both")
    assert resolve(toy, both, "region").crisis_open.sum() == 3


def test_an_unknown_place_and_an_empty_window_are_refused_together(given, toy):
    wrong = given(UNLOCKED.replace('"01"', '"99"').replace("to_h = 30", "to_h = 6"))
    assert codes(toy, wrong) == [("S410", "crisis[0].places[0]"), ("S201", "crisis[0].to_h")]


# Stays and paths

SOURCE = 'basis = "invented"\nsource = "test"\n'
FIXED = f'\n[[stays]]\ncategory = "icu"\nkind = "fixed"\nhours = 48\nstages = 4\n{SOURCE}'
CURVE = f'\n[[stays]]\ncategory = "icu"\nkind = "curve"\nstage_h = 24\npoints = [[24, 0.5], [48, 0]]\n{SOURCE}'
PATH = f'\n[[care_paths]]\nfrom = "icu"\nto = "ward"\nshare = 0.8\n{SOURCE}'
DEMAND = '\n[[demand]]\nfile = "demand.csv"\nbasis = "invented"\nsource = "test"\n'
HEAD = "from_h,to_h,place,category,patients,origin_class\n"
ORDINARY = f'\n[[ordinary]]\ncategory = "icu"\noccupancy_share = 0.5\nplaces = ["01"]\n{SOURCE}'


def by_code(situation, array: str) -> dict[str, list]:
    return {one.code: getattr(situation, array)[k].tolist() for k, one in enumerate(situation.categories)}


def test_a_fixed_stay_is_stages_that_everybody_goes_through(given, toy):
    situation = resolve(toy, given(FIXED + DEMAND, demand=HEAD + "0,6,gamma,icu,3,\n"))
    stages = [one for one in situation.categories if one.parent == "icu"]
    assert [one.code for one in stages] == ["icu.s1", "icu.s2", "icu.s3", "icu.s4"]
    assert (stages[1].name_sv, stages[1].name_en) == ("icu (steg 2 av 4)", "icu (stage 2 of 4)")
    assert [one.code for one in situation.categories] == sorted(one.code for one in situation.categories)
    assert by_code(situation, "arrivals_micro")["icu.s1"][1][0] == 3_000_000
    assert not any(map(any, by_code(situation, "arrivals_micro")["icu.s2"]))
    # Stages of 12 h: half of them leave in a period of 6 h, all in one of 12 h.
    leaves = situation.leaves()[[one.code for one in situation.categories].index("icu.s2")]
    assert leaves.tolist() == [500_000] * 4 + [1_000_000] * 2
    assert [(p.category, p.next, p.share_micro, p.stage) for p in situation.paths] == [
        ("icu.s1", "icu.s2", 1_000_000, True), ("icu.s2", "icu.s3", 1_000_000, True),
        ("icu.s3", "icu.s4", 1_000_000, True),
    ]  # fmt: skip


def test_of_a_curve_those_still_there_go_on_to_the_next_stage(given, toy):
    situation = resolve(toy, given(CURVE))
    assert [(p.category, p.next, p.share_micro) for p in situation.paths] == [("icu.s1", "icu.s2", 500_000)]
    tail = CURVE.replace("[48, 0]", "[48, 0.25]")
    leaves = by_code(resolve(toy, given(tail, folder="tail")), "arrivals_micro")
    assert sorted(code for code in leaves if code.startswith("icu")) == ["icu.s1", "icu.s2"]
    # Of the half who are left at 24 h half leave in 24 h: a mean of 48 h, an eighth in 6 h.
    situation = resolve(toy, given(tail, folder="again"))
    assert situation.leaves()[[one.code for one in situation.categories].index("icu.s2"), 0] == 125_000


def test_everyday_care_is_spread_over_the_stages_and_stays_steady(given, toy):
    situation = resolve(toy, given(FIXED + ORDINARY), "hospital")
    plain = resolve(toy, given(ORDINARY, folder="plain"), "hospital")
    kinds = [k for k, one in enumerate(situation.categories) if one.parent == "icu"]
    initial = situation.initial_micro[kinds]
    assert initial.sum(axis=0).tolist() == by_code(plain, "initial_micro")["icu"]
    assert initial.max(axis=0).tolist() == initial.min(axis=0).tolist()
    came = situation.arrivals_micro[kinds]
    # A quarter of them lie in each stage of 12 h, so an eighth come in 6 h.
    assert came[0, 0].tolist() == [initial[:, 0].sum() // 8] * 4 + [initial[:, 0].sum() // 4] * 2
    assert not came[1:].any()


def test_a_path_goes_from_whoever_leaves_the_stay_to_the_first_stage_of_the_next(given, toy):
    situation = resolve(toy, given(CURVE + PATH))
    stated = [(p.category, p.next, p.share_micro) for p in situation.paths if not p.stage]
    assert stated == [("icu.s1", "ward", 400_000), ("icu.s2", "ward", 800_000)]
    back = PATH.replace('"icu"', '"ward "').replace('"ward"', '"icu"').replace('"ward "', '"ward"')
    stated = resolve(toy, given(CURVE + back, folder="back")).paths
    assert [(p.category, p.next) for p in stated if not p.stage] == [("ward", "icu.s1")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (FIXED.replace("hours = 48\n", ""), ("S411", "stays[0]")),
        (CURVE.replace("0.5", "0.5").replace("[48, 0]", "[48, 0.9]"), ("S411", "stays[0].points[1]")),
        (CURVE.replace("[48, 0]", "[50, 0]"), ("S411", "stays[0].points")),
        (FIXED.replace("stages = 4", "stages = 5"), ("S412", "stays[0]")),
        (FIXED.replace("hours = 48\nstages = 4", "hours = 480\nstages = 15"), ("S413", "stays[0]")),
        (FIXED + FIXED, ("S417", "stays[1].category")),
        (FIXED.replace('"icu"', '"icuu"'), ("S418", "stays[0].category")),
        (PATH.replace('"ward"', '"wardd"'), ("S414", "care_paths[0].to")),
        (PATH.replace('"ward"', '"icu"'), ("S414", "care_paths[0].to")),
        (PATH + PATH.replace('"ward"', '"vent"'), ("S414", "care_paths[1].share")),
        (PATH.replace("0.8", "0.0001"), ("S415", "care_paths[0].share")),
        (PATH.replace("0.8", "0.1") * 2, ("S417", "care_paths[1]")),
    ],
)
def test_stays_and_paths_that_cannot_be_are_refused(given, toy, text, found):
    assert codes(toy, given(text)) == [found]


# Other beds, and places in the municipalities

OTHER = f'\n[[bed_substitutes]]\ngives = "icu"\nserves = "ward"\nbeds_per_patient = 1.5\nplaces = ["alfa"]\n{SOURCE}'
READY = f'\n[[discharge_ready]]\ncategory = "icu"\nshare = 0.2\n{SOURCE}'
PLACES = f'\n[[municipal_places]]\nfile = "places.csv"\n{SOURCE}'
ROWS = "place,from_h,to_h,patients_per_day\n01,0,24,6\n01,12,24,2\n"


def test_beds_serve_others_at_the_places_named(given, toy):
    pair = resolve(toy, given(OTHER), "hospital").bed_substitutes[0]
    assert (pair.gives, pair.serves, pair.beds_micro, pair.sites) == ("icu", "ward", 1_500_000, ("alfa",))
    assert resolve(toy, given(OTHER, folder="again"), "region").bed_substitutes[0].sites == ("01",)
    anywhere = OTHER.replace('places = ["alfa"]\n', "")
    assert resolve(toy, given(anywhere, folder="all")).bed_substitutes[0].sites == ()


def test_municipal_places_are_counted_by_the_hours_of_each_period(given, toy):
    found = resolve(toy, given(READY + PLACES + FIXED, places=ROWS))
    # Six a day, and two more from noon; 48 hours of which the second 24 have none.
    assert found.municipal.places_micro[0].tolist() == [1_500_000, 1_500_000, 2_000_000, 2_000_000, 0, 0]
    assert found.municipal.limited.tolist() == [True, False, False]
    ready = dict(zip((one.code for one in found.categories), found.municipal.ready_micro.tolist(), strict=True))
    assert (ready["icu.s1"], ready["icu.s4"], ready["ward"]) == (200_000, 200_000, 0)
    assert resolve(toy, given(folder="none")).municipal is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (OTHER.replace('"alfa"', '"omega"'), ("S410", "bed_substitutes[0].places[0]")),
        (OTHER.replace('"ward"', '"wards"'), ("S416", "bed_substitutes[0].serves")),
        (OTHER.replace('"ward"', '"icu"'), ("S416", "bed_substitutes[0].serves")),
        (OTHER + OTHER, ("S417", "bed_substitutes[1]")),
        (READY + READY, ("S417", "discharge_ready[1].category")),
        (READY.replace("0.2", "0.0001"), ("S415", "discharge_ready[0].share")),
        (READY.replace('"icu"', '"iva"'), ("S418", "discharge_ready[0].category")),
        (PLACES, ("S419", "row 2, column place")),
    ],
)
def test_other_beds_and_municipal_places_that_cannot_be_are_refused(given, toy, text, found):
    scenario = given(text, places=ROWS.replace("01,0", "alfa,0"))
    refused = codes(toy, scenario)
    assert [(code, where.split(", ", 1)[-1]) for code, where in refused] == [found]


def test_the_order_of_tables_and_rows_and_splitting_a_row_change_nothing(given, toy):
    parts = [FIXED, PATH, OTHER, OTHER.replace('"ward"', '"burns"'), READY, READY.replace('"icu"', '"ward"'), PLACES]
    one = resolve(toy, given("".join(parts) + UNLOCKED, places=ROWS))
    split = "place,from_h,to_h,patients_per_day\n01,12,24,2\n01,0,12,6\n01,12,23,6\n01,23,24,6\n"
    hours = UNLOCKED.replace("to_h = 30", "to_h = 12") + UNLOCKED.replace("from_h = 6", "from_h = 12")
    other = resolve(toy, given(hours + "".join(parts[::-1]), folder="other", places=split))
    assert (one.paths, one.bed_substitutes, one.categories) == (other.paths, other.bed_substitutes, other.categories)
    for name in ("ready_micro", "places_micro", "limited"):
        assert getattr(one.municipal, name).tolist() == getattr(other.municipal, name).tolist()
    assert one.crisis_open.tolist() == other.crisis_open.tolist()
