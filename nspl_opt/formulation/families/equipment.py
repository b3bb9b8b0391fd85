"""Equipment: ventilators and the like limit care; they move between regions and are not used up."""

from __future__ import annotations

import numpy as np
import pyomo.environ as pyo
from pydantic import Field

from nspl_opt.formulation.arrays import Index, grid
from nspl_opt.formulation.families.stocks import NOTES, SYMBOLS, Loads, Numbers, StockOptions, Store, open_store
from nspl_opt.formulation.family import Family, Said, Symbol, Term, rule
from nspl_opt.instance.instance import Instance

CLOSE = 1e-6
"""Own need this near to the own stock counts as equal to it [units]."""


class EquipmentOptions(StockOptions):
    """What of a region's equipment may leave it, and when."""

    locked_h: float = Field(72, ge=0, le=5000, description="units received are not sent on for so long [h]")
    floor_share: float = Field(0.25, ge=0, le=1, description="share of a region's own units that never leaves")


def build(block: pyo.Block, m: pyo.ConcreteModel, inst: Instance, options: EquipmentOptions) -> None:
    """Units held, sent and given, by stock, region and period."""
    store = open_store(block, m, inst, "equipment", options, _may_send)
    if store is not None:
        _add_use(block, store)
        _add_protection(block, store, options)
        _add_ways(block, store, options)


def _may_send(numbers: Numbers, loads: Loads) -> np.ndarray:
    """(load,) the most that may be sent: nothing while the own need takes all of the own units."""
    short = numbers.own() >= numbers.mine() - CLOSE
    return np.where(short[loads.stock, loads.sender, loads.period], 0.0, np.inf)


def _add_use(block: pyo.Block, store: Store) -> None:
    @rule(block, store.everywhere(), "units")
    def stock(g: np.ndarray, r: np.ndarray, t: np.ndarray) -> Said:
        r"""What a region holds is what it held, with what came and without what it sent.

        .. math:: w_{grt} = w_{gr,t-1} + D_{grt} + v_{grt} + \sum_{q,\,\alpha(t')=t} y_{gqrt'} - \sum_q y_{grqt}
        """
        terms = [Term(1.0, store.held, (g, r, t)), store.before(-1.0), Term(-1.0, store.given, store.given.axes)]
        return [*terms, store.arrive(-1.0), store.leave(1.0)], "==", store.came()[g, r, t]

    @rule(block, store.everywhere(), "units")
    def enough(g: np.ndarray, r: np.ndarray, t: np.ndarray) -> Said:
        r"""A region cares only for as many patients as its equipment is enough for.

        .. math:: \sum_{i \in r} \sum_k \omega_{gk} s_{kit} \le w_{grt}
        """
        return [*store.use(per_day=False), Term(-1.0, store.held, (g, r, t), follows=True)], "<=", 0.0


def _add_protection(block: pyo.Block, store: Store, options: EquipmentOptions) -> None:
    least = np.maximum(store.stated_floor(), options.floor_share * store.start())

    def kept(some: np.ndarray) -> Index:
        g, r, t = store.everywhere().axes
        here = np.flatnonzero(some[g, r])
        return Index(g[here], r[here], t[here])

    @rule(block, kept(least > 0), "units")
    def floor(g: np.ndarray, r: np.ndarray, t: np.ndarray) -> Said:
        r"""A share of a region's own equipment never leaves it.

        .. math:: w_{grt} \ge \max(F_{gr}, \varsigma W_{gr})
        """
        return [Term(-1.0, store.held, store.held.axes)], "<=", -least[g, r]

    @rule(block, kept(store.came().sum(axis=2) > 0), "units")
    def own_first(g: np.ndarray, r: np.ndarray, t: np.ndarray) -> Said:
        r"""A region keeps what its own patients need, as far as its own equipment goes.

        .. math:: w_{grt} \ge \min(U_{grt}, W_{gr} + \sum_{t' \le t} D_{grt'})
        """
        return [Term(-1.0, store.held, store.held.axes)], "<=", -np.minimum(store.own(), store.mine())[g, r, t]


def _add_ways(block: pyo.Block, store: Store, options: EquipmentOptions) -> None:
    loads, starts = store.loads, np.array([period.start_h for period in store.inst.situation.periods])
    age = starts[None, :] - starts[loads.arrival][:, None]
    late = np.arange(len(starts)) > loads.arrival[:, None]
    at, later = np.nonzero(late & (age < options.locked_h))

    @rule(block, store.everywhere(), "units")
    def locked(g: np.ndarray, r: np.ndarray, t: np.ndarray) -> Said:
        r"""What a region has received stays there for a while before it is sent on.

        .. math:: \sum_q y_{grqt} + \sum_{q,\,t':\ \alpha(t') < t,\ \mathrm{start}(t) - \mathrm{start}(\alpha(t')) <
                  \mathrm{locked}} y_{gqrt'} \le w_{gr,t-1} + D_{grt} + v_{grt}
        """
        recent = Term(1.0, store.sent, (loads.stock[at], loads.receiver[at], later), at, follows=True)
        given = Term(-1.0, store.given, store.given.axes, follows=True)
        terms = [store.leave(1.0), recent, store.before(-1.0, follows=True), given]
        return terms, "<=", store.came()[g, r, t]

    @rule(block, grid(len(store.stocks), len(starts)), "units")
    def national(g: np.ndarray, t: np.ndarray) -> Said:
        r"""No more is given from the national stock than has been released.

        .. math:: \sum_{t' \le t} \sum_r v_{grt'} \le \sum_{t' \le t} V_{gt'}
        """
        return [store.given_so_far()], "<=", store.released()[g, t]


FAMILY = Family(
    "equipment",
    "Utrustning",
    "Equipment",
    EquipmentOptions,
    build,
    symbols=(
        *SYMBOLS,
        Symbol(r"\omega_{gk}", "units that a patient of k needs while cared for", "units per patient", "data"),
        Symbol(r"U_{grt}", "own need: Σ_{i∈r} Σ_k ω_gk N⁰_kit", "units", "data"),
        Symbol(r"F_{gr}", "units that never leave, as the scenario says", "units", "data"),
        Symbol(r"\varsigma", "`floor_share`", "share", "option"),
    ),
    notes=(
        "Stocks of kind equipment. **stock** for g, r, t, with w_gr,−1 = W_gr. **enough** counts care by every "
        "standard. **floor** binds where max(F, ς W) > 0; a stated floor above what is there at the start is "
        "refused (S421).",
        "**own_first** U is the need of the region's own patients if nobody moved and all were cared for, N⁰ as in the "
        "family reserve. It compares U with the region's own units, W_gr + Σ_{t'≤t} D_grt'; what others send or the "
        "national stock gives is not its own. While U_grt is not less than that, y_grqt = 0 for every q: no sending "
        "while short. So no binary choice is needed, and a region may always keep everything.",
        "**locked** a load that arrives in t is not sent on in t, and after that not in any period that begins less "
        "than `locked_h` after the period of arrival began. **national** what is released and not given stays.",
        *NOTES,
    ),
    sources=(
        "Sharing of ventilators between regions and from a national stock, a share kept at home: Mehrotra et al., "
        "Naval Research Logistics 2020, doi:10.1002/nav.21905; Bertsimas et al., From predictions to prescriptions, "
        "2020. The defaults are assumptions",
    ),
)
