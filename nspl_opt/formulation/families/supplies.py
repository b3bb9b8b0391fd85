"""Supplies: what care uses up, counted in days of the region's own need."""

from __future__ import annotations

import numpy as np
import pyomo.environ as pyo
from pydantic import Field

from nspl_opt.formulation.arrays import grid
from nspl_opt.formulation.families.stocks import NOTES, SYMBOLS, StockOptions, Store, open_store
from nspl_opt.formulation.family import Family, Said, Symbol, Term, rule
from nspl_opt.instance.instance import Instance


class SuppliesOptions(StockOptions):
    """What of a region's supplies may leave it."""

    floor_days: float = Field(3, ge=0, le=60, description="days of a region's own need that never leave [days]")


def build(block: pyo.Block, m: pyo.ConcreteModel, inst: Instance, options: SuppliesOptions) -> None:
    """Units held, sent and given, by stock, region and period."""
    store = open_store(block, m, inst, "supply", options)
    if store is not None:
        _add_use(block, store)
        _add_ways(block, store, options.floor_days)


def _add_use(block: pyo.Block, store: Store) -> None:
    @rule(block, store.everywhere(), "units")
    def stock(g: np.ndarray, r: np.ndarray, t: np.ndarray) -> Said:
        r"""What a region holds is what it held, with what came, without what it sent and what care used up.

        .. math:: w_{grt} = w_{gr,t-1} + D_{grt} + v_{grt} + \sum_{q,\,\alpha(t')=t} y_{gqrt'} - \sum_q y_{grqt}
                  - \sum_{i \in r} \sum_k \omega_{gk} s_{kit} \Delta_t / 24
        """
        terms = [Term(1.0, store.held, (g, r, t)), store.before(-1.0), Term(-1.0, store.given, store.given.axes)]
        return [*terms, store.arrive(-1.0), store.leave(1.0), *store.use(per_day=True)], "==", store.came()[g, r, t]

    @rule(block, store.everywhere(), "units")
    def locked(g: np.ndarray, r: np.ndarray, t: np.ndarray) -> Said:
        r"""What arrives is not sent on in the same period, and what care uses later is not sent before it comes.

        .. math:: \sum_q y_{grqt} \le w_{gr,t-1} + D_{grt} + v_{grt}
        """
        given = Term(-1.0, store.given, store.given.axes, follows=True)
        return [store.leave(1.0), store.before(-1.0, follows=True), given], "<=", store.came()[g, r, t]


def _add_ways(block: pyo.Block, store: Store, floor_days: float) -> None:
    loads, (given_g, given_r, given_t) = store.loads, store.given.axes
    out, out_t = store.since(loads.period)
    into, into_t = store.since(loads.arrival)
    given, later = store.since(given_t)

    def spare() -> np.ndarray:
        """(stock, region, period) own units beyond the own need so far and what never leaves."""
        daily = store.own()
        used = np.cumsum(daily * store.inst.hours / 24, axis=2)
        stays = np.maximum(store.stated_floor()[:, :, None], floor_days * daily)
        return np.maximum(0.0, store.mine() - used - stays)

    @rule(block, store.everywhere(), "units")
    def floor(g: np.ndarray, r: np.ndarray, t: np.ndarray) -> Said:
        r"""A region sends on what it has received, and of its own only what its own need of some days can spare.

        .. math:: \sum_{t' \le t} \sum_q y_{grqt'} \le \sum_{\alpha(t') \le t} \sum_q y_{gqrt'}
                  + \sum_{t' \le t} v_{grt'}
                  + \max\Big(0,\ W_{gr} + \sum_{t' \le t} (D_{grt'} - U_{grt'} \Delta_{t'} / 24)
                  - \max(F_{gr}, \tau U_{grt})\Big)
        """
        sent = Term(1.0, store.sent, (loads.stock[out], loads.sender[out], out_t), out)
        came = Term(-1.0, store.sent, (loads.stock[into], loads.receiver[into], into_t), into, follows=True)
        got = Term(-1.0, store.given, (given_g[given], given_r[given], later), given, follows=True)
        return [sent, came, got], "<=", spare()[g, r, t]

    @rule(block, grid(len(store.stocks), len(store.inst.hours)), "units")
    def national(g: np.ndarray, t: np.ndarray) -> Said:
        r"""No more is given from the national stock than has been released.

        .. math:: \sum_{t' \le t} \sum_r v_{grt'} \le \sum_{t' \le t} V_{gt'}
        """
        return [store.given_so_far()], "<=", store.released()[g, t]


FAMILY = Family(
    "supplies",
    "Förnödenheter",
    "Supplies",
    SuppliesOptions,
    build,
    symbols=(
        *SYMBOLS,
        Symbol(r"\omega_{gk}", "units that a patient of k uses up in a day", "units per patient and day", "data"),
        Symbol(r"U_{grt}", "own need in a day: Σ_{i∈r} Σ_k ω_gk N⁰_kit", "units a day", "data"),
        Symbol(r"F_{gr}", "units that never leave, as the scenario says", "units", "data"),
        Symbol(r"\tau", "`floor_days`", "days", "option"),
    ),
    notes=(
        "Stocks of kind supply. **stock** for g, r, t, with w_gr,−1 = W_gr; care by every standard uses up Δ_t / 24 of "
        "a day's units, rounded to millionths, a half to the even one. w ≥ 0, so nobody is cared for without.",
        "**floor** U is the need of the region's own patients if nobody moved and all were cared for, N⁰ as in the "
        "family reserve. It counts what has been sent up to t, so it holds at the end of every later period too: who "
        "sends today must still have `floor_days` of its own need left on the last day. What is received may be sent "
        "on in a later period (**locked**). **national** what is released and not given stays.",
        *NOTES,
    ),
    sources=("`floor_days` is an assumption: three days is the time in which a delivery can usually be arranged",),
)
