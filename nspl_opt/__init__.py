"""Plans transfers of patients, staff loans and transports between healthcare regions when some are overfull.

The names below are the public ones; each is loaded when it is first asked for, so importing this
package costs nothing. Modules of the package never import from here.
"""

from __future__ import annotations

from typing import Any

_HOMES = {
    "InvalidInput": "nspl_opt.problems",
    "Problem": "nspl_opt.problems",
    "Reference": "nspl_opt.reference.reference",
    "load_reference": "nspl_opt.reference.package",
    "read_scenario": "nspl_opt.scenario.read",
    "resolve": "nspl_opt.scenario.resolve",
    "list_scenarios": "nspl_opt.scenario.folder",
    "new_scenario": "nspl_opt.scenario.folder",
    "travel_times": "nspl_opt.network.graph",
    "list_models": "nspl_opt.formulation.catalogue",
    "load_model": "nspl_opt.formulation.catalogue",
    "make_plan": "nspl_opt.pipeline",
    "plan_situation": "nspl_opt.pipeline",
    "make_rolling_plan": "nspl_opt.rolling",
    "avoidable_share": "nspl_opt.avoidable",
    "with_avoidable": "nspl_opt.avoidable",
    "Living": "nspl_opt.living",
    "Made": "nspl_opt.pipeline",
    "Progress": "nspl_opt.pipeline",
    "Plan": "nspl_opt.plan.plan",
    "verify": "nspl_opt.plan.checks",
    "write_plan": "nspl_opt.plan.folder",
    "read_plan": "nspl_opt.plan.folder",
    "read_inputs": "nspl_opt.plan.folder",
    "explain_plan": "nspl_opt.plan.explain",
    "explain_transfer": "nspl_opt.plan.explain",
    "compare_plans": "nspl_opt.plan.compare",
    "render_report": "nspl_opt.report.page",
    "write_workbook": "nspl_opt.report.workbook",
    "share_costs": "nspl_opt.cost_share",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'nspl_opt' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
