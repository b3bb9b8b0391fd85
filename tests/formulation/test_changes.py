"""What-ifs as changes of the matrix: the same as building the changed case, without building it."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from scipy import sparse

from nspl_opt.formulation.build import build_model, column_notes
from nspl_opt.formulation.changes import SITUATION
from nspl_opt.instance.derive import amounts_of
from nspl_opt.problems import InvalidInput
from nspl_opt.scenario.what_if import Amount, Arrivals, Beds, ClosedLink, Declines, LostHospital, Staff, Vehicles
from nspl_opt.solver.matrix import compile_matrix

from ..sweep.few import living_of

HALF, NONE = Amount(factor=Fraction(1, 2)), Amount(factor=Fraction(0))

NUMBERS = {
    "half of a hospital's intensive care beds for a day": Beds("visby", "icu", HALF, from_h=12, to_h=36),
    "no bed at all in a region from the start": Beds("09", "all", NONE),
    "ten beds fewer in a region": Beds("03", "ward", Amount(added=-10), from_h=24),
    "ten beds more": Beds("akademiska", "icu", Amount(added=10)),
    "fewer nurses": Staff("03", "nurse", HALF, from_h=6),
    "more nurses": Staff("09", "icu_nurse", Amount(added=7)),
    "half as many patients": Arrivals("09", "all", HALF),
    "thirty patients more": Arrivals("03", "all", Amount(added=30), to_h=24),
    "no ambulance left": Vehicles("amb_03", Amount(number=0)),
    "twice as many ambulances": Vehicles("amb_04", Amount(factor=Fraction(2)), from_h=24),
    "a hospital lost after a day": LostHospital("visby", from_h=24),
    "a large hospital lost at once": LostHospital("akademiska"),
}


@pytest.fixture(scope="module", params=["region", "hospital"])
def living(request):
    return living_of(request.param)


def compiled_from(living, what_if):
    """The matrix of a model built anew from the changed numbers."""
    amounts = living.detail.amounts([what_if])
    situation = replace(living.situation, **{name: getattr(amounts, name) for name in SITUATION})
    numbers = amounts_of(
        amounts.beds, amounts.surge_beds, amounts.planned_beds, amounts.arrivals_micro, amounts.pool_quantity,
        living.inst.hours,
    )  # fmt: skip
    inst = replace(living.inst, situation=situation, **numbers)
    m = build_model(living.spec, inst, living.travel)
    tolerances = [stage.goal.tolerance for stage in living.spec.stages(situation)]
    return m, compile_matrix(m, [(0, 0)] * len(tolerances), tolerances, **column_notes(m))


def applied(living, change):
    """The base matrix with a change put in: rows by name -> (coefficients by name, lower, upper)."""
    matrix = living.compiled.matrix
    a, lower, upper = matrix.a.tolil(), matrix.row_lower.copy(), matrix.row_upper.copy()
    high = matrix.col_upper.copy()
    lower[change.rows], upper[change.rows] = change.row_lower, change.row_upper
    high[change.columns] = change.col_upper
    a[change.entry_rows, change.entry_columns] = change.entry_values
    return sparse.csr_array(a), lower, upper, high


def named(rows, columns, a, lower, upper):
    names = [column.name for column in columns]
    return {
        row.name: (
            {names[c]: v for c, v in zip(a.indices[span], a.data[span], strict=True) if v},
            lower[n],
            upper[n],
        )
        for n, row in enumerate(rows)
        for span in [slice(a.indptr[n], a.indptr[n + 1])]
    }


HERE_TOO = ("a hospital lost after a day", "fewer nurses", "ten beds fewer in a region")
"""Also built anew hospital by hospital, where people of a site count too."""


@pytest.mark.parametrize(
    ("living", "words"),
    [*(("region", words) for words in NUMBERS), *(("hospital", words) for words in HERE_TOO)],
    indirect=["living"],
)
def test_a_change_is_what_building_the_changed_case_gives(living, words):
    """A column that is lost is held at nothing.

    A row that is only in the base binds no column that is left; but where nobody is cared for any more the
    base goes on counting people, whom loans may take a share of anyhow.
    """
    what_if = NUMBERS[words]
    change, (model, anew) = living.change(what_if), compiled_from(living, what_if)
    assert model  # rows and columns have names only as long as it lives
    a, lower, upper, high = applied(living, change)
    here = named(living.compiled.rows, living.compiled.columns, a, lower, upper)
    there = named(anew.rows, anew.columns, anew.matrix.a, anew.matrix.row_lower, anew.matrix.row_upper)
    columns = {column.name: n for n, column in enumerate(anew.columns)}
    assert not change.empty
    for name, (terms, low, most) in there.items():
        own, own_low, own_most = here[name]
        own = {column: v for column, v in own.items() if column in columns}
        assert own == pytest.approx(terms), name
        assert (own_low, own_most) == pytest.approx((low, most)), name
    for name in here.keys() - there.keys():
        own, _, most = here[name]
        bound = [column for column, v in own.items() if column in columns and v > 0]
        loans = name.startswith("staff.") and all(column.startswith("staff_loans.") for column in bound)
        assert most == np.inf or (most >= 0 and not bound) or loans, name
    for n, column in enumerate(living.compiled.columns):
        if column.name in columns:
            assert high[n] == anew.matrix.col_upper[columns[column.name]] or n in change.columns


@pytest.mark.parametrize("words", NUMBERS)
def test_asking_only_the_rules_that_read_a_number_misses_none(living, words):
    what_if = NUMBERS[words]
    amounts = living.detail.amounts([what_if])
    asked, all_asked = living._changes.arrays(amounts), living._changes.arrays(amounts, every=True)
    for name, values in asked.items():
        assert np.array_equal(values, all_asked[name]), name


def test_nothing_changes_when_nothing_is_otherwise(living):
    assert living.change(()).empty
    assert living.change(Beds("09", "icu", Amount(factor=Fraction(1)))).empty
    everything = living._changes.arrays(living.detail.amounts(()), every=True)
    assert not any(len(values) for values in everything.values())


def test_the_numbers_are_put_back(living):
    for what_if in NUMBERS.values():
        living.change(what_if)
    assert living.change(()).empty
    assert np.array_equal(living.inst.situation.beds, living.situation.beds)


def test_the_parts_of_several_changes_are_made_together(living):
    both = living.change([NUMBERS["fewer nurses"], NUMBERS["no ambulance left"]])
    apart = [living.change(NUMBERS[words]) for words in ("fewer nurses", "no ambulance left")]
    assert sorted(both.rows) == sorted({*apart[0].rows, *apart[1].rows})


def test_over_a_closed_link_nobody_travels(living):
    link = next(iter(living.journeys_over))
    change = living.change(ClosedLink(link, from_h=24))
    closed = {living.compiled.columns[column].index() for column in change.columns}
    assert closed
    assert set(change.col_upper) == {0.0}
    for index, cell in enumerate(living.inst.cells):
        state, vehicle, origin, destination = living._journey_of(index)
        ends = living.situation.sites[origin].code, living.situation.sites[destination].code
        journey = living.travel.journey(state, living.situation.vehicle_types[vehicle].code, *ends)
        late = living.situation.periods[cell.period].start_h >= 24
        assert (index in closed) == (late and link in living.travel.links(state, journey))


def test_a_ferry_line_that_rests_carries_nobody(living):
    change = living.change(ClosedLink("fe_visby__nynashamn"))
    lines = {living.inst.runs[cell.run].line for cell in living.inst.cells}
    assert ("fe_visby__nynashamn" in lines) <= (not change.empty)


def test_who_declines_to_receive_gets_nobody_of_the_category_and_still_sends(living):
    change = living.change(Declines("03", "receive", "icu_ventilated"))
    region = [region.code for region in living.situation.regions].index("03")
    for column in change.columns:
        arc = living.inst.arcs[living.inst.cells[living.compiled.columns[column].index()].arc]
        assert living.inst.site_region[arc.destination] == region != living.inst.site_region[arc.origin]
        assert living.situation.categories[arc.category].code == "icu_ventilated"


def test_who_declines_to_help_lends_nobody(living):
    names = {
        living.compiled.columns[column].parent_component().name for column in living.change(Declines("03")).columns
    }
    assert {"staff_loans.away", "staff_loans.started"} <= names


def test_nobody_is_sent_to_a_lost_hospital(living):
    change = living.change(LostHospital("visby", from_h=24))
    visby = next(i for i, site in enumerate(living.situation.sites) if "visby" in site.hospitals)
    closed = {living.compiled.columns[column].index() for column in change.columns}
    late = {period.index for period in living.situation.periods if period.start_h >= 24}
    cells = living.inst.cells
    assert closed == {
        n for n, cell in enumerate(cells) if living.inst.arcs[cell.arc].destination == visby and cell.arrival in late
    }


def test_a_hospital_takes_its_share_of_the_regions_beds_with_it(living):
    hospitals = living.detail.hospitals
    visby = [site.code for site in hospitals.sites].index("visby")
    before, after = living.detail.amounts(()), living.detail.amounts([LostHospital("visby", from_h=24)])
    lost = (before.beds - after.beds).sum(axis=1)
    assert np.array_equal(lost[:, -1], hospitals.beds[:, visby, -1])
    assert not lost[:, 0].any()


def test_beds_where_there_were_none_are_refused_with_what_to_do():
    bare = living_of("region", without_beds="09")
    assert bare.change(Beds("09", "icu", HALF)).empty
    with pytest.raises(InvalidInput, match="W103"):
        bare.change(Beds("09", "icu", Amount(added=5)))


def test_every_name_that_is_not_there_is_told_at_once(living):
    with pytest.raises(InvalidInput) as refused:
        living.change([Beds("visbi", "icuu", NONE), Vehicles("amb_99", NONE), ClosedLink("fe_visby_nynashamn")])
    assert [problem.code for problem in refused.value.problems] == ["W102"] * 4
    assert "did you mean 'visby'?" in str(refused.value)
    assert "did you mean 'fe_visby__nynashamn'?" in str(refused.value)
