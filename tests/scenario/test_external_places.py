"""Places abroad, entry points, what is known when, and who the patients are."""

from __future__ import annotations

import pytest

from nspl_opt.problems import InvalidInput
from nspl_opt.scenario.check import check_scenario
from nspl_opt.scenario.resolve import resolve
from nspl_opt.scenario.steps import extend

SOURCED = 'basis = "invented"\nsource = "test"\n'
OSLO = f"""
[[external]]
code = "no-oslo"
name = "Oslo"
country = "NO"
node = "bstad"
access_min = 90
beds = {{ icu = 7 }}
{SOURCED}"""
PORT = f"""
[[entries]]
code = "hamnen"
name = "Hamnen"
region = "01"
node = "bstad"
access_min = 5
{SOURCED}"""
DEMAND = f'[[demand]]\nfile = "demand.csv"\n{SOURCED}'
HEAD = "from_h,to_h,place,category,patients,origin_class,notice_h\n"


def codes_of(refusal: pytest.ExceptionInfo) -> list[str]:
    return [problem.code for problem in refusal.value.problems]


@pytest.fixture
def resolved(given, toy):
    def make(extra: str, level: str = "region", rows: str = "", base: str | None = None):
        more = {"base": base} if base else {}
        tables = {"demand": HEAD + rows} if rows else {}
        return resolve(toy, given(extra + (DEMAND if rows else ""), folder=level, **tables, **more), level)

    return make


@pytest.mark.parametrize("level", ["region", "hospital"])
def test_a_place_abroad_is_a_site_of_a_region_of_its_own_without_staff(resolved, level):
    case = resolved(OSLO, level)
    assert case.external_regions == {"no-oslo"}
    at = [site.code for site in case.sites].index("no-oslo")
    assert case.sites[at].region == "no-oslo"
    assert case.beds[:, at].tolist() == [[0] * 6, [7] * 6, [0] * 6]
    assert not case.staff[:, at].any() and not case.arrivals_micro[:, at].any()


def test_beds_abroad_are_there_in_the_periods_that_lie_in_their_window_as_a_whole(resolved):
    case = resolved(OSLO + "from_h = 3\nto_h = 36\n")
    at = [site.code for site in case.sites].index("no-oslo")
    assert case.beds[1, at].tolist() == [0, 7, 7, 7, 7, 0]


def test_what_happens_everywhere_happens_at_home(resolved):
    halved = '[[injects]]\nname = "halved"\nfrom_h = 0\nto_h = 48\nbeds_factor = { factor = 0.5 }\n'
    everyday = f'[[ordinary]]\ncategory = "icu"\noccupancy_share = 1\n{SOURCED}'
    case = resolved(OSLO + halved + everyday)
    at = [site.code for site in case.sites].index("no-oslo")
    assert case.beds[1, at].tolist() == [7] * 6
    assert case.beds[1, :at, 0].tolist() == [3 + 1, 5, 1]
    assert not case.initial_micro[:, at].any()


def test_an_entry_point_stays_a_place_of_its_own_where_regions_are_the_sites(resolved):
    case = resolved(PORT, rows="0,24,hamnen,icu,8,,\n0,24,01,icu,9,,\n")
    assert [site.code for site in case.sites] == ["01", "02", "03", "hamnen"]
    assert case.entries == {"hamnen"} and case.sites[3].region == "01"
    assert case.arrivals_micro[1, 3].sum() == 8_000_000
    assert case.arrivals_micro[1, 0].sum() == 9_000_000
    assert not case.beds[:, 3].any()


def test_who_comes_to_a_region_does_not_come_to_its_entry_point(resolved):
    case = resolved(PORT.replace('"01"', '"03"').replace("hamnen", "aaa"), "hospital", "0,24,03,burns,5,,\n")
    assert case.arrivals_micro[0].sum(axis=1).tolist() == [0, 0, 0, 5_000_000, 0]


def test_adding_the_places_twice_is_as_once(given, toy):
    scenario = given(OSLO + PORT)
    once = extend(toy, scenario)
    assert extend(once, scenario) == once != toy


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        (OSLO.replace("no-oslo", "alfa"), ["S442"]),
        (OSLO.replace('"no-oslo"', '"01"'), ["S442"]),
        (OSLO + OSLO, ["S442"]),
        (OSLO + PORT.replace("hamnen", "no-oslo"), ["S442", "S442"]),
        (PORT.replace("hamnen", "gamma"), ["S442"]),
        (OSLO.replace("bstad", "bstda"), ["S443"]),
        (PORT.replace("bstad", "bstda"), ["S443"]),
        (OSLO.replace("icu", "icuu"), ["S441"]),
        (PORT.replace('"01"', '"1"'), ["S444"]),
        (OSLO + PORT.replace('"01"', '"no-oslo"'), ["S444"]),
        (OSLO + 'capabilities = ["burnss"]\n', ["S445"]),
        (OSLO + "from_h = 12\nto_h = 12\n", ["S201"]),
        (OSLO + "to_h = 49\n", ["S202"]),
    ],
)
def test_a_place_that_means_nothing_is_refused(given, toy, text, codes):
    with pytest.raises(InvalidInput) as refusal:
        resolve(toy, given(text))
    assert codes_of(refusal) == codes


def test_nobody_is_said_to_come_abroad(resolved):
    with pytest.raises(InvalidInput) as refusal:
        resolved(OSLO, rows="0,24,no-oslo,icu,8,,\n")
    assert codes_of(refusal) == ["S446"]


def test_patients_whom_nobody_knows_of_yet_are_left_out_and_counted(resolved):
    rows = "0,24,01,icu,4,,\n24,48,01,icu,8,,12\n24,48,02,icu,16,,24\n"
    case = resolved("known_at_h = 0\n", rows=rows)
    assert case.arrivals_micro.sum() == 20_000_000 and case.unknown_patients == 8_000_000
    later = resolved("known_at_h = 12\n", "hospital", rows)
    assert later.arrivals_micro.sum() == 28_000_000 and later.unknown_patients == 0


def test_the_reader_is_told_of_patients_left_out_and_abroad_is_not_counted_as_home(written, toy):
    place = written("known_at_h = 0\n" + OSLO + PORT + DEMAND, demand=HEAD + "24,48,01,icu,8,,12\n")
    found = check_scenario(place, toy)
    assert (found.regions, found.hospitals, found.demand) == (3, 4, {})
    assert any("8 patients are not known of at hour 0" in notice.en for notice in found.warnings)


def test_classes_of_origin_add_up_to_all_who_come(resolved):
    grow = '[[injects]]\nname = "more"\nfrom_h = 0\nto_h = 48\narrivals_factor = { factor = 1.7 }\n'
    everyday = f'[[ordinary]]\ncategory = "icu"\noccupancy_share = 0.5\n{SOURCED}'
    rows = "0,24,01,icu,4,military,\n0,24,01,icu,7,evacuee,\n0,48,02,icu,5,,\n"
    case = resolved(grow + everyday, rows=rows)
    assert sorted(case.origin_micro) == ["civilian", "evacuee", "military"]
    assert (sum(case.origin_micro.values()) == case.arrivals_micro).all()
    assert case.origin_micro["military"].sum() == pytest.approx(6_800_000, abs=6)
    assert case.origin_micro["evacuee"].sum() == pytest.approx(11_900_000, abs=6)


def test_civilians_alone_need_no_classes(resolved):
    assert resolved("", rows="0,24,01,icu,4,,\n").origin_micro == {}


def test_classes_go_to_the_first_stage_of_a_stay(resolved):
    stay = f'[[stays]]\ncategory = "icu"\nkind = "fixed"\nhours = 48\nstages = 2\n{SOURCED}'
    case = resolved(stay, rows="0,24,01,icu,4,military,\n")
    names = [category.code for category in case.categories]
    found = dict(zip(names, case.origin_micro["military"].sum(axis=(1, 2)).tolist(), strict=True))
    assert found == {"burns": 0, "icu.s1": 4_000_000, "icu.s2": 0, "vent": 0, "ward": 0}


def test_the_order_of_places_abroad_means_nothing_nor_does_their_name(given, toy):
    other = OSLO.replace("no-oslo", "no-bergen").replace("icu = 7", "icu = 2")
    one, two = (resolve(toy, given(text, folder=name)) for name, text in (("ab", OSLO + other), ("ba", other + OSLO)))
    assert one.sites == two.sites and (one.beds == two.beds).all()
    renamed = resolve(toy, given(OSLO.replace("no-oslo", "zz") + other, folder="zz"))
    assert sorted(site.code for site in renamed.sites) == ["01", "02", "03", "no-bergen", "zz"]
    assert sorted(renamed.beds[1, :, 0].tolist()) == sorted(one.beds[1, :, 0].tolist())
