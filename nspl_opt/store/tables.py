"""The tables of the store. Rows are only ever added; the migrations make triggers that hold it. Answers kept for
repeated requests (``idempotency``) are not changed either, but removed when their time is over.

Times are UTC text (``clock.time_text``), JSON is canonical text (``canonical.json_text``), ids are text.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from nspl_opt.store.actor import ROLES

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)


def _text(name: str, *args, empty: bool = False) -> Column:
    return Column(name, Text, *args, nullable=empty)


def _whole(name: str, empty: bool = False) -> Column:
    return Column(name, Integer, nullable=empty)


def _one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def _made() -> tuple[Column, Column]:
    """When and by which key a row was made; ``by`` is a key id, ``local`` or ``system``."""
    return _text("at"), _text("by")


def _id() -> Column:
    return Column("id", Text, primary_key=True)


def _ordinal() -> Column:
    """The how manieth of its table it is: rows are told in this order, never in that of their times."""
    return Column("ordinal", BigInteger, nullable=False, unique=True)


def _of(name: str, target: str, empty: bool = False) -> Column:
    return Column(name, Text, ForeignKey(f"{target}.id"), nullable=empty)


meta = Table("meta", metadata, Column("name", Text, primary_key=True), _text("value"))

keys = Table(
    "keys", metadata, _id(), _ordinal(), _text("hash"), _text("role"), _text("region", empty=True), _text("holder"),
    _text("label"), _text("created_at"), _text("created_by"), _text("expires_at"), _one_of("role", ROLES),
)  # fmt: skip
key_revocations = Table(
    "key_revocations", metadata, Column("key_id", Text, ForeignKey("keys.id"), primary_key=True), *_made()
)

scenarios = Table(
    "scenarios", metadata, _id(), _text("name"), _whole("version"), _text("title_sv"), _text("title_en"),
    _text("marking"), _text("sha256"), *_made(), UniqueConstraint("name", "version"),
)  # fmt: skip
scenario_files = Table(
    "scenario_files", metadata, _of("scenario_id", "scenarios"), _text("name"), _text("text"),
    PrimaryKeyConstraint("scenario_id", "name"),
)  # fmt: skip
model_files = Table(
    "model_files", metadata, _id(), _text("name"), _whole("version"), _text("text"), _text("sha256"), *_made(),
    UniqueConstraint("name", "version"),
)  # fmt: skip

RUN_STATES = ("queued", "running", "done", "failed", "cancelled", "interrupted")
runs = Table(
    "runs", metadata, _id(), _ordinal(), _of("scenario_id", "scenarios"), _of("model_id", "model_files"),
    _text("overrides"), _text("level", empty=True), _whole("time_limit_s"), _text("based_on", empty=True),
    _text("asked_by"), _text("at"),
)  # fmt: skip
run_events = Table(
    "run_events", metadata, _of("run_id", "runs"), _whole("seq"), _text("at"), _text("state"), _text("status"),
    _text("why"), _text("owner"), _text("conflict", empty=True), PrimaryKeyConstraint("run_id", "seq"),
    _one_of("state", RUN_STATES),
)  # fmt: skip

PLAN_EVENTS = ("publish_asked", "published", "withdraw_asked", "withdrawn")
plans = Table(
    "plans", metadata, _id(), _ordinal(), _of("run_id", "runs"), _of("scenario_id", "scenarios"),
    _of("model_id", "model_files"),
    _text("title_sv"), _text("title_en"), _text("marking"), _text("level"), _text("start"), _text("status"),
    _text("goals"), _text("manifest_sha256"), _text("verified_at"), _text("check_report"), *_made(),
    UniqueConstraint("run_id"),
)  # fmt: skip
plan_archives = Table(
    "plan_archives", metadata, Column("plan_id", Text, ForeignKey("plans.id"), primary_key=True),
    Column("zip", LargeBinary, nullable=False), _text("sha256"),
)  # fmt: skip
plan_events = Table(
    "plan_events", metadata, _of("plan_id", "plans"), _whole("seq"), _text("at"), _text("kind"), _text("holder"),
    _text("by"), _text("note"), PrimaryKeyConstraint("plan_id", "seq"), _one_of("kind", PLAN_EVENTS),
)  # fmt: skip

LINE_KINDS = ("patients", "staff")
PARTIES = ("sender", "receiver", "carrier", "secretariat")
LINE_STATES = (
    "offered", "accepted", "accepted_partial", "countered", "declined", "expired", "scheduled", "in_transit",
    "arrived", "closed", "cancelled", "failed", "superseded", "directed",
)  # fmt: skip
lines = Table(
    "lines", metadata, _id(), _ordinal(), _of("plan_id", "plans"), _text("number"), _text("kind"), _text("from_region"),
    _text("to_region"), _text("carrier"), _text("from_site"), _text("to_site"), _text("what"), _text("vehicle_type"),
    _whole("from_h"), _whole("to_h"), _text("from_time"), _text("to_time"), _whole("amount"), _text("answer_by"),
    _text("card"), UniqueConstraint("plan_id", "number"), _one_of("kind", LINE_KINDS),
    CheckConstraint("amount > 0", name="amount"),
    Index(None, "from_region"), Index(None, "to_region"), Index(None, "carrier"),
)  # fmt: skip
line_events = Table(
    "line_events", metadata, _of("line_id", "lines"), _whole("version"), _text("at"), _text("party"), _text("state"),
    _text("answer"), _whole("amount", empty=True), _text("counter", empty=True), _text("reason"),
    _text("legal_basis"), _text("by"), _text("holder"), _text("on_behalf"),
    PrimaryKeyConstraint("line_id", "version"), _one_of("party", (*PARTIES, "system")), _one_of("state", LINE_STATES),
)  # fmt: skip

SIDES = ("give", "take")
capacities = Table(
    "capacities", metadata, _text("region"), _text("side"), _text("what"), _whole("version"), _whole("amount"),
    _text("from_time"), _text("to_time"), _text("source"), *_made(),
    PrimaryKeyConstraint("region", "side", "what", "version"), _one_of("side", SIDES),
    CheckConstraint("amount >= 0", name="amount"),
)  # fmt: skip

HELP_STATES = (
    "draft", "submitted", "acknowledged", "in_matching", "partly_met", "met", "executing", "closed", "withdrawn",
    "superseded", "escalated", "directed",
)  # fmt: skip
help_requests = Table(
    "help_requests", metadata, _id(), _ordinal(), _text("requester"), _text("schema_version"), _text("body"), *_made(),
    Index(None, "requester"),
)  # fmt: skip
help_request_events = Table(
    "help_request_events", metadata, _of("request_id", "help_requests"), _whole("version"), _text("at"),
    _text("state"), _text("body", empty=True), _text("note"), _text("legal_basis"), _text("by"),
    PrimaryKeyConstraint("request_id", "version"), _one_of("state", HELP_STATES),
)  # fmt: skip

what_ifs = Table(
    "what_ifs", metadata, _id(), _ordinal(), _text("region", empty=True), _text("asked_by"), _of("base_plan", "plans"),
    _text("changes"), _text("at"),
)  # fmt: skip
what_if_results = Table(
    "what_if_results", metadata, _of("what_if_id", "what_ifs"), _whole("seq"), _text("at"), _text("state"),
    _text("result"), PrimaryKeyConstraint("what_if_id", "seq"), _one_of("state", RUN_STATES),
)  # fmt: skip

idempotency = Table(
    "idempotency", metadata, _text("key_id"), _text("token"), _text("method_path"), _text("body_sha256"),
    _whole("status"), _text("headers"), _text("body"), _text("at"), PrimaryKeyConstraint("key_id", "token"),
    Index(None, "at"),
)  # fmt: skip

OUTCOMES = ("ok", "denied", "refused")
audit = Table(
    "audit", metadata, Column("seq", BigInteger, primary_key=True, autoincrement=False), _text("at"), _text("actor"),
    _text("role"), _text("region", empty=True), _text("action"), _text("object"), _text("outcome"), _text("detail"),
    _text("previous"), _text("hash"), _one_of("outcome", OUTCOMES),
)  # fmt: skip

store_lock = Table("store_lock", metadata, Column("name", Text, primary_key=True))
"""Never a row in it: who writes on PostgreSQL locks it first (``database.Database.writing``)."""
