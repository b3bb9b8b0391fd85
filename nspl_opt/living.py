"""The living instance: a situation built and compiled once, asked many times what if.

    living = Living.build(Path("spring-2020"), level="region")
    before, after = living.resolve(), living.resolve(LostHospital("karlstad", from_h=24))

What-ifs change numbers of the matrix and are re-solved from the base's basis; nothing is rebuilt.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from pyomo.common.gc_manager import PauseGC

from nspl_opt.formulation.build import arc_rules, build_model, solver_notes
from nspl_opt.formulation.catalogue import load_model
from nspl_opt.formulation.changes import Changes, NotInTheModel, writable
from nspl_opt.formulation.fit import check_fit
from nspl_opt.formulation.goal import GoalOptions
from nspl_opt.formulation.goals import GOALS
from nspl_opt.formulation.spec import ModelSpec
from nspl_opt.instance.derive import derive_instance
from nspl_opt.network.graph import travel_times
from nspl_opt.network.travel import TravelTimes
from nspl_opt.problems import InvalidInput, Problem
from nspl_opt.reference.package import load_reference
from nspl_opt.reference.reference import Reference
from nspl_opt.scenario.read import read_scenario
from nspl_opt.scenario.resolve import resolve
from nspl_opt.scenario.schema import EVERYWHERE
from nspl_opt.scenario.situation import Situation
from nspl_opt.scenario.steps import extend
from nspl_opt.scenario.what_if import Amounts, ClosedLink, Declines, Detail, LostHospital, WhatIf
from nspl_opt.scenario.what_if_text import Known, refuse_unknown
from nspl_opt.solver.change import MatrixChange
from nspl_opt.solver.matrix import compile_matrix

if TYPE_CHECKING:
    from nspl_opt.solver.base import Base
    from nspl_opt.solver.warm import Resolved


@dataclass(frozen=True)
class Tally:
    """Unmet care by region as plain arrays: ``amounts`` times the values of ``columns``, added up by ``regions``."""

    columns: np.ndarray
    amounts: np.ndarray
    regions: np.ndarray
    codes: tuple[str, ...]

    def of(self, point: np.ndarray) -> np.ndarray:
        """(region,) severity-weighted patient-hours without care."""
        return np.bincount(self.regions, self.amounts * point[self.columns], minlength=len(self.codes))


@dataclass(frozen=True)
class Living:
    """A situation, its model and matrix, and what they can be asked. Not to be shared between threads."""

    detail: Detail
    travel: TravelTimes
    spec: ModelSpec
    known: Known
    inst: Any = field(repr=False)
    m: Any = field(repr=False)
    compiled: Any = field(repr=False)

    @classmethod
    def build(
        cls,
        scenario: Path,
        model: Path | str = "national",
        level: str | None = None,
        grid: str | None = None,
        overrides: Mapping[str, str] | None = None,
        reference: Path | None = None,
    ) -> Living:
        """Read, derive, build and compile; arguments as ``pipeline.make_plan`` takes them.

        Raises
        ------
        InvalidInput
            The scenario, the reference package or the model file is refused.
        NumericalSuspect
            The matrix holds a number that no solver can be trusted with.
        """
        spec = load_model(model, dict(overrides or {}))
        country, read = load_reference(reference), read_scenario(scenario).on_grid(grid)
        country = extend(country, read)
        situation = resolve(country, read, level)
        hospitals = situation if situation.level == "hospital" else resolve(country, read, "hospital")
        return cls.of(situation, hospitals, travel_times(country, situation), spec, country)

    @classmethod
    def of(
        cls,
        situation: Situation,
        hospitals: Situation,
        travel: TravelTimes,
        spec: ModelSpec,
        reference: Reference | None = None,
    ) -> Living:
        """From a situation at hand and the same one hospital by hospital."""
        check_fit(spec, situation)
        own = writable(situation)
        with PauseGC():
            inst = derive_instance(own, travel, arc_rules(spec, own))
            m = build_model(spec, inst, travel)
            compiled = compile_matrix(m, **solver_notes(m, spec))
        known = Known.of(situation, reference)
        return cls(Detail(situation, hospitals), travel, spec, known, inst, m, compiled)

    @property
    def situation(self) -> Situation:
        """The situation as it is."""
        return self.detail.situation

    def change(self, what_ifs: WhatIf | Sequence[WhatIf], name: str = "") -> MatrixChange:
        """What is different in the matrix when these things are otherwise, all at once.

        Raises
        ------
        InvalidInput
            Something is named that is not there (W102), or asked for that the model has no place for:
            beds where there were none (W103).
        """
        several = tuple(what_ifs) if isinstance(what_ifs, Sequence) else (what_ifs,)
        refuse_unknown(several, self.known)
        amounts = self.detail.amounts(several)
        closed = sorted({column for one in several for column in self._closed(one, amounts)})
        try:
            return MatrixChange(name, **self._changes.arrays(amounts, closed))
        except NotInTheModel as missing:
            remedy = "make it a scenario of its own: write it as an inject and plan again"
            problem = Problem("W103", str(missing), "there is nothing of it in the base to be changed", remedy)
            raise InvalidInput("what-if", [problem]) from None

    def parts(self) -> dict[str, np.ndarray]:
        """The matrix as plain arrays, as ``Matrix.save`` writes them."""
        file = io.BytesIO()
        self.compiled.matrix.save(file)
        file.seek(0)
        with np.load(file) as parts:
            return {name: parts[name] for name in parts.files}

    @cached_property
    def base(self) -> Base:
        """The base solved: its plan, its bound, the basis that what-ifs start from."""
        from nspl_opt.solver.base import solve_base

        return solve_base(self.parts(), self.spec.solver.model_dump())

    @cached_property
    def relaxed_base(self) -> Base:
        """The base without a plan, which takes seconds: enough where only bounds are asked for."""
        from nspl_opt.solver.base import solve_base

        return solve_base(self.parts(), self.spec.solver.model_dump(), whole=False)

    def resolve(self, what_ifs: WhatIf | Sequence[WhatIf] | None = None, whole: bool = True) -> Resolved:
        """The base (None), or the situation with these things otherwise, solved from the base's basis."""
        return self.resolve_change(None if what_ifs is None else self.change(what_ifs), whole)

    def resolve_change(self, change: MatrixChange | None, whole: bool = True, better: bool = False) -> Resolved:
        """As ``resolve``, for a change already written down; ``better`` takes more time where the plan is far off."""
        return (self._warm if whole else self._relaxed_warm).resolve(change, whole, better)

    def unmet(self, point: np.ndarray) -> np.ndarray:
        """(category, site) severity-weighted patient-hours without care, journeys among them."""
        columns, amounts, places = self._unmet
        shape = self.inst.arrivals.shape[:2]
        return np.bincount(places, amounts * point[columns], minlength=shape[0] * shape[1]).reshape(shape)

    @cached_property
    def tally(self) -> Tally:
        """Unmet care by region."""
        columns, amounts, places = self._unmet
        regions = self.inst.site_region[places % self.inst.arrivals.shape[1]]
        return Tally(columns, amounts, regions, tuple(region.code for region in self.situation.regions))

    @cached_property
    def journeys_over(self) -> dict[str, int]:
        """Link or ferry line -> journeys offered that run over it, most first, ties by code."""
        counts = {link: len({self._journey_of(cell) for cell in cells}) for link, cells in self._cells_over.items()}
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))

    @cached_property
    def _warm(self) -> Any:
        from nspl_opt.solver.warm import Warm

        return Warm(self.base)

    @cached_property
    def _relaxed_warm(self) -> Any:
        from nspl_opt.solver.warm import Warm

        return Warm(self.relaxed_base)

    @cached_property
    def _changes(self) -> Changes:
        return Changes(self.m, self.inst, self.compiled.rows, self.compiled.columns, self.compiled.matrix)

    @cached_property
    def _unmet(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Column, amount per unit, place (category times sites plus site) of every term of unmet care."""
        sites = self.inst.arrivals.shape[1]
        place = {id(variable): key[0] * sites + key[1] for key, variable in self.m.present.items()}
        place |= {id(variable): key[1] * sites + key[2] for key, variable in self.m.cared.items()}
        if (ready := self.m.component("discharge_ready")) is not None:
            waits = (*ready.waiting.items(), *ready.in_bed.items())
            place |= {id(variable): key[0] * sites + key[1] for key, variable in waits}
        for index, cell in enumerate(self.inst.cells):
            arc = self.inst.arcs[cell.arc]
            place[id(self.m.move[index])] = arc.category * sites + arc.origin
        terms, _ = GOALS["unmet_care"].terms(self.m, self.inst, GoalOptions(name="unmet_care"))
        column_of = self._changes.column_of
        rows = [(column_of[id(v)], amount, place[id(v)]) for amount, v in terms if id(v) in column_of]
        columns, amounts, places = zip(*rows, strict=True)
        return np.array(columns, dtype=np.int64), np.array(amounts), np.array(places, dtype=np.int64)

    def _journey_of(self, cell: int) -> tuple[int, int, int, int]:
        """State, vehicle type, sending and receiving site: the same for all categories and periods."""
        one = self.inst.cells[cell]
        arc = self.inst.arcs[one.arc]
        return self.situation.periods[one.period].network_state, arc.vehicle_type, arc.origin, arc.destination

    @cached_property
    def _cells_over(self) -> dict[str, list[int]]:
        """Link or ferry line -> cells whose journey runs over it."""
        situation, found, links = self.situation, {}, {}
        for index in range(len(self.inst.cells)):
            key = self._journey_of(index)
            if key not in links:
                state, vehicle, origin, destination = key
                ends = situation.sites[origin].code, situation.sites[destination].code
                journey = self.travel.journey(state, situation.vehicle_types[vehicle].code, *ends)
                links[key] = sorted(set(self.travel.links(state, journey)))
            for link in links[key]:
                found.setdefault(link, []).append(index)
        return found

    @cached_property
    def _cells(self) -> dict[str, np.ndarray]:
        """Per cell: sending and receiving site, category, period of departure and of arrival."""
        arcs = [self.inst.arcs[cell.arc] for cell in self.inst.cells]
        names = ("origin", "destination", "category")
        found = {name: np.array([getattr(arc, name) for arc in arcs], dtype=np.int64) for name in names}
        times = {name: [getattr(cell, name) for cell in self.inst.cells] for name in ("period", "arrival")}
        return found | {name: np.array(values, dtype=np.int64) for name, values in times.items()}

    def _closed(self, one: WhatIf, amounts: Amounts) -> Iterable[int]:
        """Columns that may not be used: transfers over the link, to the lost hospital, over a region's border."""
        covered = np.array([one.covers(period) for period in self.situation.periods], dtype=bool)
        cells, lent = np.zeros(0, dtype=np.int64), []
        if isinstance(one, ClosedLink):
            over = np.array(self._cells_over.get(one.link, ()), dtype=np.int64)
            cells = over[covered[self._cells["period"][over]]]
        elif isinstance(one, LostHospital):
            empty = (amounts.beds + amounts.surge_beds).sum(axis=0) == 0
            lost = np.array([one.hospital in site.hospitals for site in self.situation.sites], dtype=bool)
            gone = empty & lost[:, None] & covered[None, :]
            if gone.any():
                cells = np.flatnonzero(gone[self._cells["destination"], self._cells["arrival"]])
        elif isinstance(one, Declines):
            cells, lent = self._declined(one, covered)
        column_of = self._changes.column_of
        variables = [*(self.m.move[int(n)] for n in cells), *lent]
        return [column_of[id(variable)] for variable in variables if id(variable) in column_of]

    def _declined(self, one: Declines, covered: np.ndarray) -> tuple[np.ndarray, list[Any]]:
        """Cells over the region's border that it declines, and the loans and stocks it would have given."""
        inst, cells = self.inst, self._cells
        region = [region.code for region in self.situation.regions].index(one.region)
        sends, receives = inst.site_region[cells["origin"]], inst.site_region[cells["destination"]]
        meant = (sends != receives) & ((sends if one.side == "send" else receives) == region) & covered[cells["period"]]
        if one.category != EVERYWHERE:
            called = [k for k, kind in enumerate(self.situation.categories) if kind.is_called(one.category)]
            meant &= np.isin(cells["category"], called)
        loans = self.m.component("staff_loans") if one.side == "help" and one.category == EVERYWHERE else None
        lent: list[Any] = []
        if loans is not None:
            blocks = {int(inst.block[t]) for t in np.flatnonzero(covered)}
            keys = [key for key in loans.away if key[1] == region and key[3] in blocks]
            lent = [variable[key] for variable in (loans.away, loans.started) for key in keys]
        for name in ("equipment", "supplies") if one.side == "help" and one.category == EVERYWHERE else ():
            sent = getattr(self.m.component(name), "sent", {})
            lent += [sent[key] for key in sent if key[1] == region and covered[key[3]]]
        return np.flatnonzero(meant), lent
