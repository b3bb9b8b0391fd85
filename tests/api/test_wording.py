"""What a line says to a tired person: rounded figures, the right number of words, what a no costs."""

import pytest

from api.names import Names
from api.wording import Figure, line_words, rounded, why_words
from tests.api.world import draft, publish

NAMES = Names(
    {"17": "Region Värmland", "18": "Region Örebro län"},
    {"icu_general": ("Intensivvård, allmän", "Intensive care, general")},
    {"nurse": ("Sjuksköterska", "Nurse")},
    {"icu_ambulance": ("Intensivvårdsambulans", "Intensive care ambulance")},
)
BEDS = {"free_before": 1.54026, "free_after": 1.0, "beds": 60.0}
NO = {"own_h_if_no": 1234.5678, "country_h_if_no": 0.0, "country_h_without_line": 12.34}


@pytest.mark.parametrize(
    ("value", "shown"),
    [(1.54026, "1.5"), (1.0, "1"), (0.0, "0"), (-0.01, "0"), (99.96, "100"), (123.6, "124"), (7_017_010, "7017010")],
)
def test_figures_in_words_have_as_many_digits_as_make_sense(value, shown):
    assert rounded(value) == shown


def test_one_is_told_in_the_singular_and_decimals_have_a_comma_in_swedish():
    assert [f"{Figure(n, 'sv'):tur/turer}" for n in (1, 1.04, 1.5, 2)] == ["1 tur", "1 tur", "1,5 turer", "2 turer"]
    assert [f"{Figure(n, 'en'):trip/trips}" for n in (1, 1.5)] == ["1 trip", "1.5 trips"]


def test_a_line_is_told_in_names(world, plan_id):
    publish(world, plan_id, draft(carrier="national", from_h=6, to_h=18), draft("loan", kind="staff", what="nurse",
            carrier="", amount=1, vehicle_type=""))  # fmt: skip
    for who in ("decision_18", "secretariat"):
        line, loan = world.get(who, "/v1/regions/18/recommendations").json()["lines"]
        assert (line["from_name"], line["to_name"]) == ("Region Värmland", "Region Örebro län")
        assert (line["what_sv"], line["carrier_name"]) == ("Intensivvård, allmän", "Nationella transporter")
        assert (line["from_h"], line["to_h"], line["state_sv"]) == (6, 18, "erbjudet")
        assert line["text_sv"] == (
            "5 patienter (intensivvård, allmän) från Region Värmland till Region Örebro län med intensivvårdsambulans, "
            "2027-01-11 06:00 till 2027-01-11 18:00."
        )
        assert loan["text_sv"].startswith("Lån av 1 person (sjuksköterska) från Region Värmland till")
        assert loan["text_en"].startswith("A loan of 1 person (nurse) from Region Värmland to")
        assert loan["carrier_name"] == ""


def test_a_code_without_a_name_is_told_as_it_is():
    class Line:
        kind, amount, what, vehicle_type = "patients", 2, "own_category", ""
        from_region, to_region, from_time, to_time = "17", "99", "2027-01-11T06:00", "2027-01-11T18:00"

    assert "2 patients (own_category) from Region Värmland to 99, " in line_words(Line, NAMES)["text_en"]


def test_the_words_say_what_a_no_costs_the_region_and_the_country():
    sv, en = why_words("receiver", "patients", BEDS, NO, True)
    assert sv == (
        "Hos er: 1,5 lediga platser av 60 före, 1 efter. Om er region inte hjälper någon alls: 1200 patienttimmar mer "
        "utan plats hos er, ingen skillnad i hela landet. Utan just den här raden: 12 patienttimmar mer utan plats i "
        "hela landet."
    )
    assert "1.5 free beds of 60 before, 1 after" in en and "no difference in the whole country" in en
    less = why_words("sender", "patients", {}, {"own_h_if_no": -1.02, "country_h_if_no": 4.26}, True)[0]
    assert "1 patienttimme mindre utan plats hos er, 4,3 patienttimmar mer utan plats i hela landet" in less


def test_what_was_not_reckoned_in_time_does_not_read_as_no_cost():
    for part, kind, figures in (("sender", "patients", {}), ("receiver", "staff", {}), ("carrier", "patients", {})):
        sv, en = why_words(part, kind, figures, {"own_h_if_no": None}, True)
        assert "hann inte räknas ut" in sv and "inte att det är utan kostnad" in sv
        assert "not reckoned in time" in en
    half = why_words("receiver", "patients", BEDS, {"own_h_if_no": 0.0, "country_h_if_no": None}, True)[0]
    assert "ingen skillnad hos er, inte uträknat i tid i hela landet" in half


def test_where_no_other_way_was_found_the_nought_of_the_search_is_no_figure(world, plan_id):
    publish(world, plan_id, draft(card={"no": {"found": "none", "unmet_h": 0.0, "transit_h": 0.0}}))
    (why,) = world.get("decision_18", "/v1/regions/18/recommendations").json()["lines"][0]["why"]
    assert why["country_h_without_line"] is None and "Annat i planen hänger på den här raden" in why["text_sv"]


def test_what_a_no_costs_is_told_once_to_a_region_with_two_parts():
    assert "raden" not in why_words("carrier", "patients", {"minutes": 55, "trips": 1.0}, NO, False)[0]
    alone = why_words("carrier", "patients", {"minutes": 1, "trips": 1.0}, NO, False)[0]
    assert alone == "Er transport: 1 minut, 1 tur."
