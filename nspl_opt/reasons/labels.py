"""What a row of the model is about: period, place and thing, by the names of its rule's axes."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any

from nspl_opt.living import Living


@dataclass(frozen=True, slots=True, order=True)
class Label:
    """A row in codes: its rule ``family.rule``, first period, place (site, region or area), thing."""

    rule: str
    period: int
    place: str
    what: str


class Labels:
    """Labels of the rows of a living model.

    The axes of every rule bear the letters of ``instance.instance``: k category, i site, t period, d staff block,
    c profession, b bed type, r region, p pool, q run, a area. Keys that are texts (ferry line, port) speak for
    themselves; other letters say nothing. Rules of lines, offers, stocks, units, groups and stated limits are
    numbered by those: ``_numbered`` says what the first key is.
    """

    def __init__(self, living: Living) -> None:
        self.living, self.situation = living, living.situation
        self._axes: dict[str, tuple[str, ...]] = {}

    def of(self, row: int) -> Label:
        """The label of a row of the matrix."""
        data = self.living.compiled.rows[row]
        rule, key = data.parent_component().name, data.index()
        key = key if isinstance(key, tuple) else (key,)
        texts = [str(part) for part in key if isinstance(part, str)]
        found = {"period": [], "place": [], "what": []}
        numbered = self._numbered(rule, key[0])
        for kind, said in numbered or ():
            found[kind].append(said)
        for number, (axis, part) in enumerate(zip(self._axes_of(rule, len(key)), key, strict=True)):
            if number == 0 and numbered is not None:
                continue
            if not isinstance(part, str) and (said := self._said(rule, axis, int(part))):
                found[said[0]].append(said[1])
        return Label(
            rule, min(found["period"], default=0), "-".join(found["place"][-1:]), " ".join([*found["what"], *texts])
        )

    def unit(self, rule: str) -> str:
        """The unit of a rule's slack."""
        return next((text.unit for text in self.living.m.rule_texts if text.name == rule), "")

    def _axes_of(self, rule: str, count: int) -> tuple[str, ...]:
        if rule not in self._axes:
            writer = self.living.m.writers.get(rule)
            names = tuple(inspect.signature(writer.function).parameters) if writer is not None else ()
            self._axes[rule] = names
        names = self._axes[rule]
        # Where a rule names its keys otherwise than its axes are, the last ones still agree: the time comes last.
        return ("",) * (count - len(names)) + names[-count:] if count else ()

    def _said(self, rule: str, axis: str, number: int) -> tuple[str, Any] | None:
        case, inst = self.situation, self.living.inst
        if axis == "t":
            return "period", number
        if axis == "d":
            return "period", int(inst.block_start[number])
        if axis in ("i", "r"):
            return "place", (case.sites if axis == "i" else case.regions)[number].code
        things = {"b": case.bed_types, "c": case.professions, "k": case.categories, "p": case.pools}
        if axis in things:
            return "what", things[axis][number].code
        if axis == "a":
            return "place", self._area(rule, number)
        if axis == "q" and rule.startswith("transports."):
            run = inst.runs[number]
            return "what", case.vehicle_types[run.vehicle_type].code
        return None

    def _numbered(self, rule: str, key: Any) -> list[tuple[str, Any]] | None:
        """What the first key of a rule stands for, where it is the number of something of the situation."""
        case, m, (family, _, name) = self.situation, self.living.m, rule.partition(".")
        if family in ("equipment", "supplies"):
            kind = "supply" if family == "supplies" else family
            return [("what", [stock.code for stock in case.stocks if stock.kind == kind][key])]
        if family == "surge":
            unit = case.surge_units[key]
            return [("place", unit.site), ("what", unit.bed_type)]
        if family == "single_source":
            return [("place", case.groups[key].site), ("what", case.groups[key].code)]
        if family == "reception":
            sites = case.reception[key].sites if key < m.reception.stated else ()
            return [("place", sites[0])] if len(sites) == 1 else []
        if family == "offers" and name.startswith("limit"):
            offer = case.offers[key]
            return [("place", offer.region), ("what", offer.what)]
        if family in ("offers", "stability") and name != "most_new":
            staff = name.endswith("_staff")
            lines = m.stability.groups if family == "stability" else m.offers.staff if staff else m.offers.patients
            some = lines[key]
            when = [("period", int(some.times[0]))] if len(some.times) and not staff else []
            return [("what", " ".join(line.code for line in some.lines)), *when]
        return None

    def _area(self, rule: str, number: int) -> str:
        options = self.living.spec.families.get(rule.partition(".")[0])
        grouping = getattr(options, "grouping", "region")
        areas = self.situation.regions if grouping == "region" else self.situation.groupings.get(grouping, ())
        return areas[number].code if number < len(areas) else ""
