"""A dispatch as rows of its tables: clock times instead of minutes, numbers of runs instead of keys."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

from nspl_opt.dispatch.assemble import Dispatch
from nspl_opt.dispatch.runs import Run
from nspl_opt.dispatch.stands import Stands
from nspl_opt.dispatch.tables import Rows, Tables
from nspl_opt.dispatch.wishes import Case, Rider
from nspl_opt.reference.reference import MICRO

MOMENTS = ("leave", "loading", "depart", "arrive", "unloaded", "ready")


def to_tables(case: Case, dispatch: Dispatch) -> Tables:
    """The three tables, rows in order."""
    names = {run.key: f"{number:04d}" for number, run in enumerate(dispatch.runs, start=1)}
    return {
        "dispatch": _runs(case, dispatch, names),
        "dispatch_unplaced": _unplaced(case, dispatch),
        "dispatch_crews": _crews(case, dispatch, names),
    }


def _clock(case: Case, minute: int) -> str:
    return (case.situation.start + timedelta(minutes=minute)).isoformat(timespec="minutes")


def _number(micro: int) -> str:
    """Millionths as people write them: 2 or 0.4."""
    return f"{micro / MICRO:.6f}".rstrip("0").rstrip(".")


def _runs(case: Case, dispatch: Dispatch, names: dict[str, str]) -> Rows:
    found = []
    for run in dispatch.runs:
        head = {
            "run": names[run.key],
            "kind": run.kind,
            "period": str(run.period),
            "pool": run.pool,
            "vehicle": str(run.vehicle),
            "vehicle_type": run.vehicle_type,
            "line": run.line,
            "from_place": run.from_place,
            "to_place": run.to_place,
            **{moment: _clock(case, getattr(run, moment)) for moment in MOMENTS},
            "trip": run.trip,
            "serves": names.get(run.serves, ""),
        }
        for rider, number in run.load:
            found.append(head | {
                "transfer": rider.id, "category": rider.category, "from_site": rider.from_site,
                "to_site": rider.to_site, "patients": str(number), "late_periods": str(_late(case, run, rider)),
            })  # fmt: skip
    return tuple(found)


def _late(case: Case, run: Run, rider: Rider) -> int:
    """Periods by which the patient is later than planned; counted on the run that brings him to his site."""
    if run.kind == "from_terminal":
        return case.period_at(run.arrive) - rider.arrival_period
    if run.kind != "to_terminal" and not rider.after:
        return case.period_at(run.unloaded) - rider.arrival_period
    return 0


def _unplaced(case: Case, dispatch: Dispatch) -> Rows:
    pools = {row.id: row.pool for row in case.plan.tables["trips"].itertuples(index=False)}
    stands, found = Stands(case), []
    for left in dispatch.left:
        pool = pools.get(left.id, "") if left.what == "trips" else ""
        window = left.window or ()
        found.append({
            "what": left.what, "id": left.id, "reason": left.reason, "amount": _number(left.amount_micro),
            "pool": pool, "vehicles": str(int(stands.vehicles(pool).max())) if pool else "",
            "minutes": str(left.minutes) if left.minutes else "",
            **dict(zip(("earliest", "latest"), [_clock(case, at) for at in window] or ["", ""], strict=True)),
        })  # fmt: skip
    return tuple(found)


def _crews(case: Case, dispatch: Dispatch, names: dict[str, str]) -> Rows:
    """One crew per run of a pool, and who goes with the patients: away out and back, as the plan counts them."""
    found = []
    for run in dispatch.runs:
        if run.pool:
            times = {"start": _clock(case, run.leave), "end": _clock(case, run.ready)}
            region = case.pools[run.pool].region
            crew = {"run": names[run.key], "region": region, "who": "vehicle_crew", "number": "1", "transfer": ""}
            found.append(crew | times)
        for rider, number in run.load if not run.serves else ():
            out = run.loading - rider.before
            back = out + 2 * (rider.before + rider.line + rider.after)
            for profession, micro in sorted(case.categories[rider.category].escort_micro.items()):
                if micro:
                    found.append({
                        "run": names[run.key], "region": rider.from_region, "who": profession,
                        "number": _number(number * micro), "transfer": rider.id,
                        "start": _clock(case, out), "end": _clock(case, back),
                    })  # fmt: skip
    return tuple(found)


def most_at_once(rows: Rows) -> dict[tuple[str, str], Fraction]:
    """(region, who) -> the most crews or people away at one moment."""
    moments: dict[tuple[str, str], list[tuple[str, int, Fraction]]] = {}
    for row in rows:
        number = Fraction(row["number"])
        changes = moments.setdefault((row["region"], row["who"]), [])
        changes += [(row["start"], 1, number), (row["end"], 0, -number)]  # who is back may leave again at once
    found = {}
    for key, changes in sorted(moments.items()):
        away = most = Fraction(0)
        for _, _, change in sorted(changes):
            away += change
            most = max(most, away)
        found[key] = most
    return found
