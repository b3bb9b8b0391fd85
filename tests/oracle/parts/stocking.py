"""What equipment and supplies have in common: units held, sent and given. Not a family itself."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import Any

MICRO = 1_000_000


def drawn(rng: random.Random, situation: Any, code: str, kind: str, use: tuple[int, ...]) -> Any:
    """The situation with a stock that the first category or both need; some units in each region, few nationally."""
    import numpy as np

    from nspl_opt.scenario.parts import Stock

    regions, periods = len(situation.regions), len(situation.periods)
    held = np.array([rng.choice((1, 2, 4, 6)) * MICRO for _ in range(regions)], dtype=np.int64)
    floor = np.array([min(rng.choice((0, 0, MICRO)), int(there)) for there in held], dtype=np.int64)
    delivered = np.array(
        [[rng.choice((0, 0, 0, MICRO)) for _ in range(periods)] for _ in range(regions)], dtype=np.int64
    )
    national = np.array([rng.choice((0, 0, MICRO)) for _ in range(periods)], dtype=np.int64)
    for grid in (held, floor, delivered, national):
        grid.setflags(write=False)
    needs = {category.code: rng.choice(use) for category in situation.categories[: rng.randint(1, 2)]}
    stock = Stock(code, code, code, "st", kind, needs, held, floor, delivered, national)
    return replace(situation, stocks=(*situation.stocks, stock))


class Store:
    """One stock in the oracle: its columns, and what every stock obeys."""

    def __init__(self, oracle: Any, number: int, options: dict[str, Any], needs_more: bool) -> None:
        self.oracle, self.number, self.stock = oracle, number, oracle.c["stocks"][number]
        self.one = Fraction(1, oracle.grid)
        codes = [region["code"] for region in oracle.c["regions"]]
        self.home = [r for r, code in enumerate(codes)
                     if code in set(oracle.region.values()) - set(oracle.c["external_regions"])]  # fmt: skip
        self.use = {k: Fraction(self.stock["use_micro"].get(one["code"], 0), MICRO)
                    for k, one in enumerate(oracle.c["categories"])}  # fmt: skip
        self.members = {r: [i for i, site in enumerate(oracle.sites) if site["region"] == codes[r]] for r in self.home}
        self.times = range(len(oracle.periods))
        self.most = 100 * oracle.grid
        need = [oracle.own_need(i) for i in range(len(oracle.sites))]
        self.need = {(r, t): sum((self.use[k] * need[i][k][t] for k in self.use for i in self.members[r]), Fraction(0))
                     for r in self.home for t in self.times}  # fmt: skip
        self.start = {r: Fraction(self.stock["held_micro"][r], MICRO) for r in self.home}
        self.came = {
            (r, t): Fraction(self.stock["delivered_micro"][r][t], MICRO) for r in self.home for t in self.times
        }
        self.own = {
            (r, t): self.start[r] + sum(self.came[r, u] for u in range(t + 1)) for r in self.home for t in self.times
        }
        variable = oracle.m.new_int_var
        self.held = {(r, t): variable(0, self.most, f"held{number}{r}{t}") for r in self.home for t in self.times}
        self.given = {(r, t): variable(0, self.most, f"given{number}{r}{t}") for r in self.home for t in self.times}
        self.sent = {}
        for r in self.home:
            for q in self.home:
                if r == q or not options["moves"] or any(shut(codes[r], codes[q]) for shut in oracle.shut):
                    continue
                for t in self.times:
                    arrival = self._arrival(t, 60 + round(60 * options["delay_h"]))
                    spare = not needs_more or self.need[r, t] < self.own[r, t]
                    if arrival is not None and spare:
                        self.sent[r, q, t, arrival] = variable(0, self.most, f"sent{number}{r}{q}{t}")
        self._national()

    def _arrival(self, t: int, minutes: int) -> int | None:
        period = self.oracle.periods[t]
        ends = period["start_h"] + Fraction(period["length_h"], 2) + Fraction(minutes, 60)
        later = [
            u for u in self.times[t:] if ends < self.oracle.periods[u]["start_h"] + self.oracle.periods[u]["length_h"]
        ]
        return later[0] if later else None

    def _national(self) -> None:
        for t in self.times:
            given = [(self.one, v) for (_, u), v in self.given.items() if u <= t]
            self.oracle.le(given, sum(Fraction(one, MICRO) for one in self.stock["national_micro"][: t + 1]))

    def out(self, r: int, t: int) -> list:
        """What a region sends in a period."""
        return [(self.one, v) for (a, _, u, _), v in self.sent.items() if (a, u) == (r, t)]

    def into(self, r: int, t: int) -> list:
        """What arrives at a region in a period."""
        return [(self.one, v) for (_, b, _, u), v in self.sent.items() if (b, u) == (r, t)]

    def before(self, r: int, t: int) -> tuple[list, Fraction]:
        """What a region has to send from in a period: terms and a number."""
        terms = [(self.one, self.given[r, t])] + ([(self.one, self.held[r, t - 1])] if t else [])
        return terms, self.came[r, t] + (Fraction(0) if t else self.start[r])

    def stays(self, r: int, t: int, used: list) -> None:
        """What is held follows from what was held, came, was sent and used up."""
        terms, number = self.before(r, t)
        left = [(-a, v) for a, v in (*terms, *self.into(r, t))]
        self.oracle.eq([(self.one, self.held[r, t]), *left, *self.out(r, t), *used], number)

    def care(self, r: int, t: int) -> list:
        """Units for those cared for in a region."""
        return [(self.use[k] * self.one, v) for (_, k, i, u), v in self.oracle.s.items()
                if u == t and i in self.members[r] and self.use[k]]  # fmt: skip

    def told(self, value: Any) -> dict[str, Any]:
        """What was sent and given, by number of the stock."""
        grid = self.oracle.grid
        return {
            "stock": self.number,
            "sent": [[*key, value(v) / grid] for key, v in sorted(self.sent.items()) if value(v)],
            "given": [[*key, value(v) / grid] for key, v in sorted(self.given.items()) if value(v)],
        }


def tables(maker: Any, family: str) -> dict[str, list[dict[str, Any]]]:
    """The rows of ``stocks`` and ``stock_moves`` that a family decides."""
    levels, moves = [], []
    for told in maker.d.more[family]:
        stock = maker.s.stocks[told["stock"]]
        levels += _levels(maker, stock, told)
        moves += _moves(maker, stock, told)
    return {"stocks": levels, "stock_moves": sorted(moves, key=lambda row: row["id"])}


def _clock(maker: Any, t: int) -> str:
    return (maker.s.start + timedelta(hours=maker.s.periods[t].start_h)).isoformat()


def _moves(maker: Any, stock: Any, told: dict[str, Any]) -> list[dict[str, Any]]:
    codes = [region.code for region in maker.s.regions]
    loads = [(codes[r], codes[q], t, arrival, amount) for r, q, t, arrival, amount in told["sent"]]
    loads += [("", codes[r], t, t, amount) for r, t, amount in told["given"]]
    return [
        {"id": f"{stock.code}-{one or 'national'}-{other}-{t:03d}", "stock": stock.code, "from_region": one,
         "to_region": other, "period": t, "depart": _clock(maker, t), "arrival_period": arrival,
         "arrive": _clock(maker, arrival), "amount": round(amount, 6)}
        for one, other, t, arrival, amount in loads
    ]  # fmt: skip


def _levels(maker: Any, stock: Any, told: dict[str, Any]) -> list[dict[str, Any]]:
    s, rows = maker.s, []
    leaves, supply = s.leaves(), stock.kind == "supply"
    needed = s.initial_micro.copy()
    held = {r: int(there) for r, there in enumerate(stock.held_micro)}
    for t, period in enumerate(s.periods):
        left = needed * leaves[:, [t]] // MICRO
        needed = needed - left + s.arrivals_micro[:, :, t]
        for k, other, share in maker.steps:
            needed[other] += left[k] * share // MICRO
        for r, region in enumerate(s.regions):
            mine = [i for i, site in enumerate(s.sites) if site.region == region.code]
            if not mine or region.code in s.external_regions:
                continue
            days = Fraction(period.length_h, 24) if supply else Fraction(1)
            use = {k: stock.use_micro.get(one.code, 0) for k, one in enumerate(s.categories)}
            spent = round(sum(use[k] * maker.served(k, i, t) for k in use for i in mine) * days / MICRO)
            own = round(sum(use[k] * int(needed[k, i]) for k in use for i in mine) * days / MICRO)
            held[r] += int(stock.delivered_micro[r][t]) - (spent if supply else 0)
            held[r] += sum(round(one[-1] * MICRO) for one in told["given"] if one[:2] == [r, t])
            held[r] += sum(round(one[-1] * MICRO) for one in told["sent"] if (one[1], one[3]) == (r, t))
            held[r] -= sum(round(one[-1] * MICRO) for one in told["sent"] if (one[0], one[2]) == (r, t))
            lasts = Fraction(held[r]) * days / spent if supply and spent else Fraction(1001)
            if held[r] or spent or own:
                rows.append({
                    "period": t, "start": _clock(maker, t), "region": region.code, "stock": stock.code,
                    "held": held[r] / MICRO, "used": spent / MICRO, "own_need": own / MICRO,
                    "days_left": round(float(lasts), 6) if lasts <= 1000 else None,
                    "short": max(0, own - held[r] - (spent if supply else 0)) / MICRO,
                })  # fmt: skip
    return rows
