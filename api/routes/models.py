"""Model files: which rules bind, which goals, in which order."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from nspl_opt.store import scenarios, tables

from ..answers.base import Reply, gives
from ..answers.inputs import Name, Sent
from ..answers.scenarios import ModelHead, ModelList, ModelWhole
from ..calls import Call
from ..paging import AfterQuery, LimitQuery, cut


class ModelSent(Sent):
    """A model file; under a name that is there already it becomes the next version."""

    name: Name
    text: Annotated[str, Field(min_length=1, max_length=200_000)]


def list_models(call: Call, limit: LimitQuery = 50, after: AfterQuery = "") -> ModelList:
    """The latest version of every model file."""
    start = int(after or 0)
    found = call.services.store.run_read(lambda read: scenarios.latest_versions(read, tables.model_files))[start:]
    rows, more = cut(found, limit)
    return ModelList(models=tuple(_head(row) for row in rows), next=str(start + limit) if more else None)


@gives(201, ModelHead)
def add_model(call: Call, sent: ModelSent) -> Reply:
    """Check a model file and keep it."""
    scenarios.check_model(sent.text)

    def act(work: scenarios.Work) -> Reply:
        model_id = scenarios.add_model(work, sent.name, sent.text)
        row = scenarios.find_model(work.connection, model_id)
        return Reply(_head(row), 201, {"Location": f"/v1/models/{model_id}"})

    return call.change(act, "")


def read_model(call: Call, model_id: str) -> ModelWhole:
    """One version with its text."""
    row = call.services.store.run_read(lambda read: scenarios.find_model(read, model_id))
    return ModelWhole(**_head(row).model_dump(), text=row.text)


def _head(row: object) -> ModelHead:
    return ModelHead(**{name: getattr(row, name) for name in ModelHead.model_fields})
