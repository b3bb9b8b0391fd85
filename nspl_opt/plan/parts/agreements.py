"""What the plan keeps of each line, and where it differs from the lines of an earlier plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from nspl_opt.formulation.lines import Lines, blocks_in, departs_in, patient_lines, shared_out, staff_lines
from nspl_opt.formulation.stages import AGREED
from nspl_opt.instance.instance import ALWAYS, Instance
from nspl_opt.plan.cleaning import DUST_MICRO
from nspl_opt.plan.next_lines import place
from nspl_opt.plan.plan import TABLES
from nspl_opt.reference.reference import MICRO
from nspl_opt.scenario.parts import Agreement
from nspl_opt.scenario.situation import Situation

Put = Callable[[Any, np.ndarray], None]
OTHERWISE = "too few patients, people or vehicles, another rule, or too little time to solve"


def read(m: Any, inst: Instance, value_of: Callable[[Any], np.ndarray]) -> dict[str, Any]:
    """Nothing: what is kept follows from what is moved and lent."""
    return {}


def put(m: Any, inst: Instance, decisions: Any, put: Put) -> None:
    """What of each agreement is broken, what differs from an earlier plan, and which switches are on."""
    _switch(m, inst, decisions, put)
    _differ(m, decisions, put)
    offers = m.component("offers")
    if offers is None:
        return
    moved = (_agreed_kept(some, _moved(decisions, some)) / MICRO for some in offers.patients)
    put(offers.broken, np.array([some.agreed - kept for some, kept in zip(offers.patients, moved, strict=True)]))
    lent = (max(0.0, some.agreed - _lent(m, decisions, some) / MICRO) for some in offers.staff)
    put(offers.broken_staff, np.array(list(lent)))


def _differ(m: Any, decisions: Any, put: Put) -> None:
    """What is dropped of each line, and what is moved beyond lines for the same journeys."""
    stability = m.component("stability")
    if stability is None:
        return
    moved = [_moved(decisions, some) for some in stability.groups]
    parts = {
        line.code: part
        for some, amount in zip(stability.groups, moved, strict=True)
        for line, part in zip(some.lines, _parts(some, amount), strict=True)
    }
    put(stability.less, np.array([line.amount_micro - parts[line.code] for _, line in stability.lines]) / MICRO)
    more = [_beyond(some, amount) / MICRO for some, amount in zip(stability.groups, moved, strict=True)]
    put(stability.more, np.array(more))


def _switch(m: Any, inst: Instance, decisions: Any, put: Put) -> None:
    """Switches of batching: on where somebody is moved."""
    batching, moves = m.component("batching"), inst.moves
    if batching is None:
        return
    there = decisions.move > 0
    leave = (moves.category, moves.origin, inst.block[moves.period])
    arrive = (moves.category, moves.destination, inst.block[moves.arrival])
    for name, key in (("used", (moves.origin, *arrive[1:2], leave[2])), ("sends", leave), ("receives", arrive)):
        columns = batching.component(name)
        if columns is not None:
            at = columns.index.places(*(axis[there] for axis in key))
            put(columns, np.isin(np.arange(columns.index.count), at).astype(float))


def rows(m: Any, inst: Instance, decisions: Any, model: Mapping[str, Any]) -> dict[str, pd.DataFrame]:
    """The tables of agreements, where offers and answers are planned for, and of changes, where stability is."""
    found = {}
    if m.component("offers") is not None:
        found["agreements"] = _agreements(m, inst, decisions, model)
    if m.component("stability") is not None:
        found["changes"] = _changes(m, inst, decisions)
    return {name: pd.DataFrame(some, columns=[column.name for column in TABLES[name]]) for name, some in found.items()}


def _changes(m: Any, inst: Instance, decisions: Any) -> list[tuple]:
    """Each line of patients, before and now; then what is moved on no line, by regions and category."""
    situation, found = inst.situation, []
    for some in m.stability.groups:
        amount = _moved(decisions, some)
        parts = _parts(some, amount)
        parts[-1] += _beyond(some, amount)
        for line, part in zip(some.lines, parts, strict=True):
            ends = (line.from_region, line.to_region, line.what)
            found.append(
                (line.code, *ends, line.amount_micro / MICRO, part / MICRO, (part - line.amount_micro) / MICRO)
            )
    new: Counter[tuple[str, str, str]] = Counter()
    for cell in m.stability.fresh[decisions.move[m.stability.fresh] > 0].tolist():
        k, i, j = (int(axis[cell]) for axis in (inst.moves.category, inst.moves.origin, inst.moves.destination))
        ends = situation.sites[i].region, situation.sites[j].region
        new[*ends, situation.categories[k].code] += int(decisions.move[cell])
    found += [("", *ends, 0.0, amount / MICRO, amount / MICRO) for ends, amount in new.items()]
    return sorted(found, key=lambda row: row[:4])


def _moved(decisions: Any, lines: Lines) -> int:
    """Patients moved on the lines [millionths]."""
    return int(decisions.move[lines.at].sum())


def _parts(lines: Lines, amount_micro: int) -> list[int]:
    """What each line gets of an amount [millionths]: all that it asks for where no more than dust is wanting."""
    parts = shared_out(lines, amount_micro)
    asked = [line.amount_micro for line in lines.lines]
    both = zip(asked, parts, strict=True)
    return [wanted if part and wanted - part < DUST_MICRO else part for wanted, part in both]


def _beyond(lines: Lines, amount_micro: int) -> int:
    """What is moved beyond all that the lines ask for, but for dust [millionths]."""
    more = amount_micro - sum(line.amount_micro for line in lines.lines)
    return more if more >= DUST_MICRO else 0


def _agreed_kept(lines: Lines, amount_micro: int) -> int:
    """What the lines that are accepted or directed get of an amount [millionths]."""
    parts = zip(lines.lines, _parts(lines, amount_micro), strict=True)
    return sum(part for line, part in parts if line.state in AGREED)


def _lent(m: Any, decisions: Any, lines: Lines) -> int:
    """People lent on the lines throughout their window [millionths]."""
    loans = m.component("staff_loans")
    if loans is None or not len(lines.times):
        return 0
    keys = [tuple(int(axis[n]) for axis in loans.away.axes) for n in lines.at]
    people = {key[3]: decisions.away.get(key, 0) for key in keys}
    return min(people.get(int(d), 0) for d in lines.times) * MICRO


def _agreements(m: Any, inst: Instance, decisions: Any, model: Mapping[str, Any]) -> list[tuple]:
    situation = inst.situation
    kept, missing = {}, {}
    for some, amount in (
        *((some, _moved(decisions, some)) for some in patient_lines(inst)),
        *((some, _lent(m, decisions, some)) for some in staff_lines(m, inst)),
    ):
        for line, part in zip(some.lines, _parts(some, amount), strict=True):
            kept[line.code] = part
            missing[line.code] = not len(some.at)
    binds = model["families"]["offers"]["answers"]
    found = []
    for line in sorted(situation.agreements, key=lambda line: line.code):
        part = kept.get(line.code, 0)
        broken = line.amount_micro - part if line.state in AGREED and binds else 0
        why = "" if not broken else _why(m, inst, line, model) if missing[line.code] else OTHERWISE
        found.append((
            line.code, line.state, line.kind, place(situation, line.from_sites), place(situation, line.to_sites),
            line.what, line.vehicle_type, line.from_h, line.to_h, line.amount_micro / MICRO, line.reason,
            line.legal_basis, part / MICRO, broken / MICRO, why,
        ))  # fmt: skip
    return found


def _why(m: Any, inst: Instance, line: Agreement, model: Mapping[str, Any]) -> str:
    """Why nothing that a line is about is offered."""
    situation = inst.situation
    if line.kind == "staff":
        return _why_no_loan(m, situation, line, model)
    then = departs_in(situation, line.from_h, line.to_h)
    if not then.any():
        return "no period departs in the window"
    if line.from_sites == line.to_sites and len(line.from_sites) == 1:
        return "inside one place of this plan"
    said = Counter(
        reason for (k, i, j, v, t), reason in inst.why_not.items()
        if line.what in (situation.categories[k].code, situation.categories[k].parent)
        and situation.sites[i].code in line.from_sites and situation.sites[j].code in line.to_sites
        and (t == ALWAYS or then[t]) and line.vehicle_type in ("", situation.vehicle_types[v].code)
    )  # fmt: skip
    return min(said, key=lambda reason: (-said[reason], reason)) if said else "no journey"


def _why_no_loan(m: Any, situation: Situation, line: Agreement, model: Mapping[str, Any]) -> str:
    loans = m.component("staff_loans")
    if loans is None:
        return "the model lends nobody"
    if line.what not in loans.options.professions:
        return "the model does not lend the profession"
    if not blocks_in(situation, line.from_h, line.to_h).any():
        return "no staff block starts in the window"
    regions = [region.code for region in situation.regions]
    if (regions.index(line.from_region), regions.index(line.to_region)) not in m.loan_pairs:
        return "border closed"
    return "declined"
