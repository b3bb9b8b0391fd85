"""Stocks of regions: what equipment and supplies have in common. Each family writes its own rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pyomo.environ as pyo
from pydantic import Field

from nspl_opt.formulation.arrays import Columns, Index, grid
from nspl_opt.formulation.family import Options, Symbol, Term
from nspl_opt.formulation.own_need import own_patients
from nspl_opt.instance.instance import Instance
from nspl_opt.reference.reference import MICRO
from nspl_opt.scenario.parts import Stock
from nspl_opt.scenario.situation import arrival_period

MANY = 4000
"""More possible loads than these are kept from the solver until they can be of use."""


class StockOptions(Options):
    """Between whom units go, and how long it takes."""

    moves: bool = Field(True, description="whether regions may send units to each other")
    partners: int = Field(6, ge=1, le=50, description="nearest regions that a region may send to")
    delay_h: float = Field(24, ge=0, le=500, description="handling at both ends, besides the road [h]")


@dataclass(frozen=True)
class Loads:
    """Every load that may be sent: number of the stock, regions, period of departure and of arrival."""

    stock: np.ndarray
    sender: np.ndarray
    receiver: np.ndarray
    period: np.ndarray
    arrival: np.ndarray


@dataclass(frozen=True)
class Numbers:
    """What the scenario says of some stocks, read when asked."""

    inst: Instance
    stocks: tuple[Stock, ...]

    def amounts(self) -> np.ndarray:
        """(stock, category) units per patient, or per patient and day."""
        codes = [category.code for category in self.inst.situation.categories]
        return np.array([[stock.use_micro.get(code, 0) for code in codes] for stock in self.stocks]) / MICRO

    def own(self) -> np.ndarray:
        """(stock, region, period) ``amounts`` times the region's own patients."""
        need = np.einsum("gk,kit->git", self.amounts(), own_patients(self.inst))
        return np.stack([need[:, list(sites)].sum(axis=1) for sites in self.inst.region_sites], axis=1)

    def came(self) -> np.ndarray:
        """(stock, region, period) units delivered, those of the start in the first period."""
        came = np.array([stock.delivered_micro for stock in self.stocks]) / MICRO
        came[:, :, 0] += self.start()
        return came

    def mine(self) -> np.ndarray:
        """(stock, region, period) units of the region's own: those of the start and those delivered by then."""
        return np.cumsum(self.came(), axis=2)

    def start(self) -> np.ndarray:
        """(stock, region) units at the start."""
        return np.array([stock.held_micro for stock in self.stocks]) / MICRO

    def stated_floor(self) -> np.ndarray:
        """(stock, region) units that never leave, as the scenario says."""
        return np.array([stock.floor_micro for stock in self.stocks]) / MICRO

    def released(self) -> np.ndarray:
        """(stock, period) units of the national stock released by then."""
        return np.cumsum(np.array([stock.national_micro for stock in self.stocks]), axis=1) / MICRO


@dataclass(frozen=True)
class Store(Numbers):
    """The stocks of one kind with their variables, and what stands in rows."""

    m: pyo.ConcreteModel
    home: tuple[int, ...]
    """Regions that count: those with a site, at home."""
    loads: Loads
    held: Columns
    """(stock, region, period) units there at the end of the period."""
    sent: Columns
    """(load,) units that leave."""
    given: Columns
    """(stock, region, period) units given from the national stock."""

    def everywhere(self) -> Index:
        """Every stock, region and period."""
        return grid(len(self.stocks), self.home, len(self.inst.hours))

    def use(self, per_day: bool) -> list[Term]:
        """Units that care takes, by stock, region and period; ``per_day`` times the days of the period."""
        _, k, i, t = self.m.cared.axes
        days = self.inst.hours[t] / 24 if per_day else np.ones(len(t))
        at_home = np.isin(self.inst.site_region[i], self.home)
        found = []
        for g, amounts in enumerate(self.amounts()):
            some = np.flatnonzero(at_home & (amounts[k] > 0))
            key = (g, self.inst.site_region[i[some]], t[some])
            found.append(Term(amounts[k[some]] * days[some], self.m.cared, key, some))
        return found

    def leave(self, sign: float) -> Term:
        """What is sent, where and when it leaves."""
        loads = self.loads
        return Term(sign, self.sent, (loads.stock, loads.sender, loads.period))

    def arrive(self, sign: float) -> Term:
        """What is sent, where and when it arrives."""
        loads = self.loads
        return Term(sign, self.sent, (loads.stock, loads.receiver, loads.arrival))

    def before(self, sign: float, follows: bool = False) -> Term:
        """What was held at the end of the period before."""
        g, r, t = self.held.axes
        return Term(sign, self.held, (g, r, t + 1), follows=follows)

    def given_so_far(self) -> Term:
        """What has been given from the national stock, by stock and period."""
        g, _, t = self.given.axes
        at, later = self.since(t)
        return Term(1.0, self.given, (g[at], later), at)

    def since(self, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Number and period, for each number its period ``t`` and all later ones."""
        return np.nonzero(t[:, None] <= np.arange(len(self.inst.hours)))


MaySend = Callable[[Numbers, Loads], np.ndarray]
"""(load,) the most that may be sent, as the numbers are now."""


def open_store(
    block: pyo.Block,
    m: pyo.ConcreteModel,
    inst: Instance,
    kind: str,
    options: StockOptions,
    may_send: MaySend | None = None,
) -> Store | None:
    """The variables of the stocks of a kind on ``block``; None, with a note, where the scenario has none."""
    situation = inst.situation
    stocks = tuple(stock for stock in situation.stocks if stock.kind == kind)
    if not stocks:
        m.notes.append(f"{block.name}.no_stocks")
        return None
    regions = enumerate(situation.regions)
    home = tuple(r for r, one in regions if inst.region_sites[r] and one.code not in situation.external_regions)
    loads = _loads(m, inst, len(stocks), set(home), options)
    everywhere = grid(len(stocks), home, len(inst.hours))
    g, r, t = everywhere.axes
    released = np.cumsum(np.array([stock.national_micro for stock in stocks]), axis=1)
    some = np.flatnonzero(released[g, t] > 0)
    block.held = Columns(everywhere, t)
    numbers = Numbers(inst, stocks)
    most = may_send(numbers, loads) if may_send else np.inf
    index = Index(loads.stock, loads.sender, loads.receiver, loads.period)
    block.sent = Columns(index, loads.period, most, lazy=index.count > MANY)
    if may_send:
        m.limits.append(("arrivals", block.sent, lambda: may_send(numbers, loads)))
    block.given = Columns(Index(g[some], r[some], t[some]), t[some])
    block.store = Store(inst, stocks, m, home, loads, block.held, block.sent, block.given)
    return block.store


def _loads(m: pyo.ConcreteModel, inst: Instance, count: int, home: set[int], options: StockOptions) -> Loads:
    """Loads between partners that arrive within the horizon."""
    periods, codes = inst.situation.periods, [region.code for region in inst.situation.regions]
    handling = round(60 * Fraction(str(options.delay_h)))
    found = []
    for r, q in m.near_regions(options.partners) if options.moves else ():
        minutes = m.region_minutes(codes[r], codes[q])
        for t in range(len(periods)) if {r, q} <= home else ():
            arrival = arrival_period(periods, t, minutes + handling)
            if arrival is not None:
                found += [(g, r, q, t, arrival) for g in range(count)]
    return Loads(*np.array(sorted(found), dtype=np.int64).reshape(-1, 5).T)


SYMBOLS = (
    Symbol(r"w_{grt}", "units of stock g held in region r at the end of t (`held`)", "units", "variable"),
    Symbol(r"y_{grqt}", "units sent from r to q in t, arriving in α(t) (`sent`)", "units", "variable"),
    Symbol(r"v_{grt}", "units given to r from the national stock in t (`given`)", "units", "variable"),
    Symbol(r"W_{gr}", "units there at the start", "units", "data"),
    Symbol(r"D_{grt}", "units delivered to r in t", "units", "data"),
    Symbol(r"V_{gt}", "units of the national stock released in t", "units", "data"),
)
NOTES = (
    "Units may be divided: they are expected values, cleaned to millionths; what is held then follows in exact "
    "integers. A delivery or release at hour h counts in the period in which h lies. What is given from the national "
    "stock is there in the same period. A region sends to its `partners` nearest regions (minutes between their "
    "places; ties by code), never over a closed border, never to or from places abroad. A load sent in t leaves in the "
    "middle of t and takes minutes_rq + 60 · `delay_h` (whole minutes, a half to the even one); it arrives in the "
    "period α(t) in which that time lies. What would arrive after the horizon is not offered.",
)
