"""Help requests: a region says what it needs; the secretariat takes it on. The form is a file with versions."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import Field

from nspl_opt.scenario.extras.agreements import LEGAL_BASES
from nspl_opt.store import forms, help_requests
from nspl_opt.store.errors import NotThere

from ..answers.base import Reply, gives
from ..answers.help_requests import HelpRequestForm, HelpRequestList, HelpRequestShown, HelpRequestStep
from ..answers.inputs import Code, Note, Sent
from ..calls import Call
from ..paging import AfterIdQuery, LimitQuery, cut
from ..problems import Fault, Refusal

STATES = tuple(sorted({state for steps in help_requests.STEPS.values() for state in steps}))
LegalBasis = Literal[LEGAL_BASES]  # type: ignore[valid-type]
Version = Annotated[str, Field(pattern=r"^[0-9]{1,4}$")]


class HelpRequestSent(Sent):
    """A help request. ``form`` is filled in as the schema says; it is kept as a draft unless ``submit`` is true.

    ``requester`` is named by the lead of an exercise; a region asks for itself.
    """

    form: dict[str, Any]
    schema_version: Version | None = None
    submit: bool = False
    requester: Code | None = None


class StepSent(Sent):
    """The next step: a ``state``, or the ``form`` written anew. ``If-Match`` carries the version that was read.

    Directed needs the ``legal_basis`` of the decision.
    """

    state: Literal[STATES] | None = None  # type: ignore[valid-type]
    form: dict[str, Any] | None = None
    note: Note = ""
    legal_basis: LegalBasis | None = None


def list_help_requests(
    call: Call,
    open_only: Annotated[bool, Query(description="only those that are not at their end")] = False,
    limit: LimitQuery = 50,
    after: AfterIdQuery = "",
) -> HelpRequestList:
    """Help requests, the latest first; a region sees its own, its drafts too."""
    last, states = after or None, tuple(help_requests.STEPS) if open_only else ()
    found = call.services.store.run_read(
        lambda read: help_requests.all_requests(read, requester=call.region, states=states, limit=limit + 1, after=last)
    )
    rows, more = cut(found, limit)
    shown = tuple(_shown(row, []) for row in rows)
    return HelpRequestList(help_requests=shown, next=rows[-1].id if more else None)


def help_request_form(
    call: Call,
    version: Annotated[str | None, Query(pattern=r"^[0-9]{1,4}$", description="the latest if left out")] = None,
) -> HelpRequestForm:
    """The form of a help request as a JSON Schema."""
    known = forms.versions()
    return HelpRequestForm(version=version or known[-1], versions=known, form=forms.schema(version))


@gives(201, HelpRequestShown)
def add_help_request(call: Call, sent: HelpRequestSent) -> Reply:
    """Ask for help. An operator drafts; a decision-maker may submit at once."""
    if sent.requester is not None and sent.requester not in call.services.regions:
        raise Refusal("invalid", [Fault("body.requester", "is no region", "give the code of a region")])

    codes = call.services.names.codes

    def act(work: help_requests.Work) -> Reply:
        request_id = help_requests.draft_request(
            work, sent.form, requester=sent.requester, version=sent.schema_version, codes=codes
        )
        if sent.submit:
            help_requests.step_request(work, request_id, "submitted", 1)
        headers = {"Location": f"/v1/help-requests/{request_id}"}
        return _replied(work.connection, request_id, 201, headers)

    return call.change(act, "")


def read_help_request(call: Call, request_id: str) -> HelpRequestShown:
    """One request with the steps it has taken."""

    def read(connection: Any) -> HelpRequestShown:
        found = help_requests.find(connection, request_id, call.region)
        if call.region is None and found.state == help_requests.DRAFT and call.services.realm != "exercise":
            raise NotThere("L401")
        return _shown(found, help_requests.history(connection, request_id))

    return call.services.store.run_read(read)


@gives(200, HelpRequestShown)
def step_help_request(call: Call, request_id: str, sent: StepSent) -> Reply:
    """Take a request a step further, or write anew what is asked for."""
    version = call.version()
    if (sent.state is None) == (sent.form is None):
        raise Refusal("invalid", [Fault("body", "needs either state or form", "send one of them")])
    if sent.state is None and sent.legal_basis is not None:
        raise Refusal("invalid", [Fault("body.legal_basis", "belongs to a state", "leave it out")])

    def act(work: help_requests.Work) -> Reply:
        if sent.form is not None:
            codes = call.services.names.codes
            help_requests.change_request(work, request_id, sent.form, version, sent.note, codes)
        else:
            help_requests.step_request(work, request_id, sent.state, version, sent.note, sent.legal_basis or "")
        return _replied(work.connection, request_id, 200, {})

    return call.change(act, request_id)


def _replied(connection: Any, request_id: str, status: int, headers: dict[str, str]) -> Reply:
    shown = _shown(help_requests.find(connection, request_id), help_requests.history(connection, request_id))
    return Reply(shown, status, {**headers, "ETag": f'"{shown.version}"'})


def _shown(found: help_requests.HelpRequest, history: list[dict[str, Any]]) -> HelpRequestShown:
    names = set(HelpRequestShown.model_fields) - {"form", "steps"}
    told = set(HelpRequestStep.model_fields) - {"changed"}
    steps = (HelpRequestStep(**{name: row[name] for name in told}, changed=row["body"] is not None) for row in history)
    return HelpRequestShown(**{name: getattr(found, name) for name in names}, form=dict(found.body), steps=tuple(steps))
