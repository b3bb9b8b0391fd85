"""Care paths: of those who leave one category of care, a share goes on to another at the same place."""

from __future__ import annotations

import pyomo.environ as pyo
from pydantic import Field

from nspl_opt.formulation.family import Family, Options, RuleText, Symbol
from nspl_opt.instance.instance import Instance


class PathOptions(Options):
    """How much of the stated paths is planned for."""

    share_factor: float = Field(1.0, ge=0, le=1, description="the stated shares are taken times this factor [share]")


def build(block: pyo.Block, m: pyo.ConcreteModel, inst: Instance, options: PathOptions) -> None:
    """Nothing of its own: the rules of the patient balance count who goes on."""
    if all(path.stage for path in inst.situation.paths):
        m.notes.append("care_paths.none_stated")


FAMILY = Family(
    "care_paths",
    "Vårdkedjor",
    "Care paths",
    PathOptions,
    build,
    says=(
        RuleText(
            "care_paths.steps",
            "Of those who leave a category of care the stated share goes on to the next at the same place.",
            r"\mathrm{on}_{kk'it} = q_{kk'} \delta_{kt} s_{ki,t-1}",
            "patients",
        ),
    ),
    symbols=(
        Symbol(r"q_{kk'}", "share of those who leave k who go on to k'", "share", "data"),
        Symbol(r"\mathrm{on}_{kk'it}", "patients who go on", "patients", "data"),
    ),
    notes=(
        "The paths are the scenario's table `care_paths`; q = share · `share_factor`, rounded half to even to "
        "millionths. With the family off nobody goes on; stages of a stay (table `stays`) always do, in every model.",
        "**steps**, in millionths: gone_kit = half_even(δ_kt s_ki,t−1), on_kk' = half_even(q gone) for each path of k "
        "in the order of the categories, the last giving way if their sum would exceed gone; discharged = gone − Σ on. "
        "Before the first period s is the initial census. In n and movable on is added to k' and gone taken from k; "
        "who goes on may be moved in the same period. The own need N⁰ of other families follows the paths too, with "
        "s = n.",
        "Everyday care is brought to the scenario as a census that keeps itself. With the family on, who comes on from "
        "everyday care of another category comes in addition: state the everyday share of the receiving care "
        "accordingly.",
        "A path from a category with a stay in stages leaves from every stage, of those who do not go on in the stay; "
        "a path to such a category leads to its first stage.",
    ),
    sources=("the shares are stated by the scenario, each with its source",),
)
