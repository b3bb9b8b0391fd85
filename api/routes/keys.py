"""Keys: issued, listed, revoked by the administrator. The key itself is shown once."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from nspl_opt.store import keys

from ..answers.base import Answer, Reply, gives
from ..answers.inputs import Code, Name, Sent
from ..calls import Call
from ..paging import AfterQuery, LimitQuery, cut
from ..problems import Fault, Refusal

ADMINISTRATOR = frozenset({"administrator"})


class KeyWanted(Sent):
    """A key to be issued. ``holder`` is a function, never a person."""

    role: Literal[
        "secretariat", "region_operator", "region_decision_maker", "exercise_lead", "observer", "administrator"
    ]
    region: Code | None = None
    holder: Name
    label: Annotated[str, Field(max_length=100)] = ""
    days: Annotated[int, Field(ge=1, le=366)] = 90


class KeyShown(Answer):
    """What may be told of a key; times in UTC."""

    audiences: ClassVar[frozenset[str]] = ADMINISTRATOR
    id: str
    role: str
    region: str | None
    holder: str
    label: str
    created_at: str
    expires_at: str
    revoked_at: str | None


class KeyList(Answer):
    """Keys by time of making."""

    audiences: ClassVar[frozenset[str]] = ADMINISTRATOR
    keys: tuple[KeyShown, ...]
    next: str | None


class KeyIssued(Answer):
    """A new key. ``key`` is shown here and never again."""

    audiences: ClassVar[frozenset[str]] = ADMINISTRATOR
    id: str
    key: str
    expires_at: str


class KeyRevoked(Answer):
    """A key that is refused from now on."""

    audiences: ClassVar[frozenset[str]] = ADMINISTRATOR
    id: str
    revoked: Literal[True] = True


def list_keys(call: Call, limit: LimitQuery = 50, after: AfterQuery = "") -> KeyList:
    """Every key that was issued, never the key itself."""
    start = int(after or 0)
    found = call.services.store.run_read(keys.all_keys)[start:]
    rows, more = cut(found, limit)
    names = tuple(KeyShown.model_fields)
    shown = tuple(KeyShown(**{name: getattr(row, name) for name in names}) for row in rows)
    return KeyList(keys=shown, next=str(start + limit) if more else None)


@gives(201, KeyIssued)
def add_key(call: Call, wanted: KeyWanted) -> Reply:
    """Issue a key. A role of a region needs the region; nobody issues a key to themselves."""
    if wanted.region is not None and wanted.region not in call.services.regions:
        raise Refusal("invalid", [Fault("body.region", "is no region", "give the code of a region")])
    if wanted.role == "exercise_lead" and call.services.realm != "exercise":
        raise Refusal("invalid", [Fault("body.role", "belongs to exercises", "issue it in a store for exercises")])

    def act(work: keys.Work) -> Reply:
        made = keys.issue(work, wanted.role, wanted.region, wanted.holder, label=wanted.label, days=wanted.days)
        return Reply(KeyIssued(id=made.id, key=made.text, expires_at=made.expires_at), 201)

    return call.change(act, "")


@gives(200, KeyRevoked)
def revoke_key(call: Call, key_id: str) -> Reply:
    """End a key at once."""

    def act(work: keys.Work) -> Reply:
        keys.revoke(work, key_id)
        return Reply(KeyRevoked(id=key_id))

    return call.change(act, key_id)
