"""What a job is asked to do: ``job.json`` in its folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

JOB, RESULT, ENDED, STOP, ERRORS, PLAN, TEMPORARY = (
    "job.json", "result.json", "ended.json", "stop", "errors.txt", "plan", "tmp",
)  # fmt: skip
"""Names in a job's folder: what is asked; what the child says; what came of it; the wish to stop; standard error;
the plan, checked; what is temporary."""

HELP_S = 30.0
"""Longest time for the plan without help [s], see ``avoidable.LONGEST_S``."""
CONFLICT_S = 60.0
"""Usual time for what must give way where no plan is found [s]."""
SOLVES = 3
"""A what-if solves the base, makes it better, and solves the case: each within the time limit. For a region it solves
the case twice."""

Sort = Literal["beds", "staff", "arrivals", "vehicles", "lose", "close-link", "decline"]
"""Sorts of change, see ``scenario.what_if_text.FORMS``."""
Text = Annotated[str, Field(max_length=200)]


class Job(BaseModel):
    """One plan, or one what-if beside a plan that is there. Paths may be relative to the job's folder."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    kind: Literal["plan", "what_if"] = "plan"
    scenario: str = Field("", max_length=4096, description="plan: folder of the scenario")
    model: str = Field("national", min_length=1, max_length=4096, description="plan: shipped model or model file")
    level: Literal["region", "hospital"] | None = None
    grid: str | None = Field(None, max_length=200)
    overrides: dict[Text, Text] = Field(default_factory=dict, max_length=200)
    reference: str | None = Field(None, max_length=4096, description="plan: reference package; None is the shipped one")
    window: int | None = Field(None, ge=1, le=10_000)
    step: int | None = Field(None, ge=1, le=10_000)
    without_help: bool = True
    reasons_time_s: float | None = Field(
        60.0, gt=0, le=86_400, description="longest time for reasons; None: no reasons"
    )
    plan: str = Field("", max_length=4096, description="what_if: folder of the plan")
    changes: tuple[tuple[Sort, Text], ...] = Field(
        (), max_length=50, description="what_if: sort and text of each change"
    )
    region: str = Field(
        "", max_length=64, description="what_if: code of the region that asks; the others' room is then rounded"
    )
    time_limit_s: float = Field(120.0, gt=0, le=86_400, description="longest time for one solve [s]")
    memory_limit_mb: int = Field(8000, ge=500, le=1_000_000, description="memory of each process of the job [MB]")

    @model_validator(mode="after")
    def _is_whole(self) -> Job:
        if self.kind == "plan" and (not self.scenario or self.plan or self.changes or self.region):
            raise ValueError("a plan needs a scenario, and takes neither plan, changes nor region")
        if self.kind == "what_if" and (not self.plan or not self.changes or self.scenario):
            raise ValueError("a what-if needs a plan and changes, and takes no scenario")
        return self

    @property
    def longest_s(self) -> float:
        """What the job may use when every part of it uses all its time [s]."""
        if self.kind == "what_if":
            return (SOLVES + bool(self.region)) * self.time_limit_s
        return self.time_limit_s + HELP_S * self.without_help + max(self.reasons_time_s or 0.0, CONFLICT_S)

    def model_in(self, folder: Path) -> str:
        """The model as ``load_model`` takes it: a name as it is, a file seen from the job's folder."""
        return str(folder / self.model) if self.model.endswith(".toml") else self.model


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Files of a job by their names inside its folder.

    Raises
    ------
    ValueError
        A name leads out of the folder, or is one that the job itself uses.
    """
    for name in files:
        path = PurePosixPath(name)
        first = path.parts[0] if path.parts else ""
        outside = path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name
        if not first or outside or (len(path.parts) == 1 and first in (JOB, RESULT, ENDED, STOP, ERRORS)):
            raise ValueError(f"'{name[:100]}' is no name of a file of a job")
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
