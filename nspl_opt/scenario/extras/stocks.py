"""What places hold of each stock, and what is delivered: the tables ``stock_holdings`` and ``stock_releases``."""

from __future__ import annotations

from dataclasses import dataclass

from nspl_opt.problems import Problem
from nspl_opt.scenario.extra import Extra
from nspl_opt.scenario.findings import millionths
from nspl_opt.scenario.schema import LONGEST_HORIZON_H
from nspl_opt.scenario.schema.stocks import MOST_UNITS
from nspl_opt.tables import Contract, Field, Row

NATIONAL = "national"
"""The place of what may be given to whoever needs it."""

HOLDINGS_TABLE = Contract(
    "stock_holdings",
    (
        Field("stock", "code", "", "code of the stock"),
        Field("place", "code", "", "region or hospital; what hospitals hold is their region's"),
        Field("quantity", "number", "units", "there at the start", minimum=0, maximum=MOST_UNITS),
        Field("floor", "number", "units", "never leaves", required=False, minimum=0, maximum=MOST_UNITS, default=0),
    ),
    ("stock", "place"),
)
RELEASES_TABLE = Contract(
    "stock_releases",
    (
        Field("stock", "code", "", "code of the stock"),
        Field("place", "code", "", "region or hospital; national: for whoever needs it"),
        Field("at_h", "whole", "h", "hour after the start", minimum=0, maximum=LONGEST_HORIZON_H),
        Field("quantity", "number", "units", "delivered", minimum=0, maximum=MOST_UNITS),
    ),
    ("stock", "place", "at_h"),
)


@dataclass(frozen=True, slots=True, order=True)
class Holding:
    """What a place holds at the start."""

    stock: str
    place: str
    quantity_micro: int
    floor_micro: int
    where: str


@dataclass(frozen=True, slots=True, order=True)
class Release:
    """What is delivered to a place."""

    stock: str
    place: str
    at_h: int
    quantity_micro: int
    where: str


def _holding(row: Row, problems: list[Problem]) -> Holding:
    amounts = (millionths(row, column, problems) for column in ("quantity", "floor"))
    return Holding(row["stock"], row["place"], *amounts, f"{row.file}, row {row.line}")


def _release(row: Row, problems: list[Problem]) -> Release:
    amount = millionths(row, "quantity", problems)
    return Release(row["stock"], row["place"], row["at_h"], amount, f"{row.file}, row {row.line}")


EXTRAS_HERE = (
    Extra("stock_holdings", HOLDINGS_TABLE, _holding),
    Extra("stock_releases", RELEASES_TABLE, _release),
)
"""Both come to the field ``stocks`` together: ``nspl_opt.scenario.subjects.stocks``."""
