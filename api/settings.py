"""What the service is started with. Every setting can be given as ``NSPL_OPT_API_...`` in the environment."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Settings of one server, which serves one store of one realm."""

    model_config = SettingsConfigDict(env_prefix="NSPL_OPT_API_", frozen=True, extra="forbid")

    database: str = Field("sqlite:///nspl-opt.db", description="SQLAlchemy URL of the store")
    realm: Literal["live", "exercise"] = Field("live", description="realm of the store")
    reference: Path | None = Field(None, description="reference package instead of the shipped one")
    work_dir: Path = Field(Path("nspl-opt-runs"), description="folder for the runs of plans")
    heads: Path | None = Field(None, description="file for the signed heads of the audit log, outside the database")
    running: int = Field(1, ge=1, le=16, description="runs at once")
    queue: int = Field(20, ge=1, le=200, description="runs that may wait")
    queue_kept: int = Field(4, ge=0, le=100, description="places of the queue that regions' what-ifs leave free")
    per_holder: int = Field(2, ge=1, le=50, description="runs that one person may have going or waiting")
    memory_limit_mb: int = Field(4096, ge=256, description="memory of one run [MB]")
    time_limit_s: float = Field(300.0, gt=0, le=86_400, description="longest solve of a run [s]")
    reasons_time_s: float = Field(60.0, ge=0, le=86_400, description="longest search for reasons of a run [s]")
    what_if_time_s: float = Field(30.0, gt=0, le=3600, description="longest solve of a what-if [s]")
    answer_within_h: float = Field(4.0, gt=0, le=720, description="hours within which a recommendation is answered")
    national_valid_h: float = Field(
        48.0, gt=0, le=8784, description="hours that national figures are shown to observers"
    )
    body_limit: int = Field(1_000_000, ge=1_000, le=50_000_000, description="largest body [bytes]")
    body_time_s: float = Field(10.0, gt=0, le=300, description="longest time for a body to arrive [s]")
    rate_per_s: float = Field(20.0, gt=0, description="requests per second and key")
    rate_burst: int = Field(200, ge=1, description="requests of one key at once")
    failures_per_min: int = Field(30, ge=1, description="wrong keys per minute and address")
    what_ifs_per_h: int = Field(30, ge=1, description="what-ifs per hour and region")
    what_ifs_per_plan: int = Field(200, ge=1, le=10_000, description="different what-ifs of a region about one plan")
    what_ifs_alarm: int = Field(40, ge=1, description="different what-ifs of a region about one plan that are alarming")
    what_if_sizes_alarm: int = Field(
        12, ge=2, description="sizes of one lever, in what-ifs of a region about one plan, that are alarming"
    )
    at_once: int = Field(100, ge=4, le=10_000, description="requests worked at at once; more are told to wait")
    followers: int = Field(64, ge=1, description="event streams at once")

    @classmethod
    def unknown_in(cls, environment: Iterable[str]) -> list[tuple[str, list[str]]]:
        """Names in the environment that look like settings and are none, each with all that there are."""
        prefix = cls.model_config["env_prefix"]
        known = [f"{prefix}{name.upper()}" for name in cls.model_fields]
        return [(name, known) for name in sorted(environment) if name.startswith(prefix) and name not in known]
