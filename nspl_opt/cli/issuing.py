"""``store keys``: issue, list and revoke the keys of a store."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from nspl_opt.cli.options import JsonOption, Lang, LangOption, examples, print_json
from nspl_opt.cli.output import print_table
from nspl_opt.cli.stores import DatabaseOption, opened
from nspl_opt.cli.texts import say


class Role(StrEnum):
    """What a key may do; the permissions are in docs/api.md."""

    secretariat = "secretariat"
    region_operator = "region_operator"
    region_decision_maker = "region_decision_maker"
    exercise_lead = "exercise_lead"
    observer = "observer"
    administrator = "administrator"


keys_app = typer.Typer(
    help="Issue, list and revoke keys.",
    epilog=examples(
        "nspl-opt store keys issue --role secretariat --holder kansli-03",
        "nspl-opt store keys list",
    ),
    no_args_is_help=True,
    rich_markup_mode=None,
)


@keys_app.command(
    epilog=examples(
        "nspl-opt store keys issue --role secretariat --holder kansli-03",
        "nspl-opt store keys issue --role region_decision_maker --region 18 --holder tib-18 --days 30",
    )
)
def issue(
    role: Annotated[Role, typer.Option("--role", help="What the key may do.")],
    holder: Annotated[
        str, typer.Option("--holder", metavar="CODE", help="Function that holds it, such as kansli-03; no person.")
    ],
    region: Annotated[
        str | None, typer.Option("--region", metavar="CODE", help="Code of the region, for a role of a region.")
    ] = None,
    label: Annotated[str, typer.Option("--label", metavar="TEXT", help="A note on it.")] = "",
    days: Annotated[int, typer.Option("--days", metavar="N", help="Days that it lasts, at most 366.")] = 90,
    database: DatabaseOption = None,
    lang: LangOption = Lang.sv,
    as_json: JsonOption = False,
) -> None:
    """Make a key and show it, this once: only its hash is stored."""
    with opened(database) as store:
        from nspl_opt.store import keys
        from nspl_opt.store.actor import LOCAL

        made = store.run_write(
            lambda work: keys.issue(work, role.value, region, holder, label=label, days=days), LOCAL, "key.issue"
        )
    if as_json:
        print_json({"id": made.id, "key": made.text, "expires_at": made.expires_at})
        return
    typer.echo(made.text)
    typer.echo(say("store.key_once", lang.value, id=made.id, until=made.expires_at), err=True)


@keys_app.command("list", epilog=examples("nspl-opt store keys list", "nspl-opt store keys list --json"))
def list_keys(database: DatabaseOption = None, lang: LangOption = Lang.sv, as_json: JsonOption = False) -> None:
    """Show every key that was issued, without the keys themselves."""
    with opened(database) as store:
        from nspl_opt.store import keys

        with store.read() as connection:
            found, now = keys.all_keys(connection), store.now()
        rows = [{name: getattr(one, name) for name in keys.KeyFacts.__slots__} for one in found]
        usable = [keys.is_open(one, now) for one in found]
    if as_json:
        print_json([row | {"usable": is_usable} for row, is_usable in zip(rows, usable, strict=True)])
        return
    names = ("id", "role", "region", "holder", "expires_at", "label")
    heads = [say(f"store.head_{name}", lang.value) for name in (*names, "usable")]
    yes, no = (say(f"store.{word}", lang.value) for word in ("yes", "no"))
    shown = [
        [*(row[name] or "" for name in names), yes if is_usable else no]
        for row, is_usable in zip(rows, usable, strict=True)
    ]
    print_table(heads, shown)


@keys_app.command(
    epilog=examples(
        "nspl-opt store keys revoke 0123456789ab",
        "nspl-opt store keys revoke 0123456789ab --database sqlite:///store.sqlite",
    )
)
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="Id of the key, the middle part of it.")],
    database: DatabaseOption = None,
    lang: LangOption = Lang.sv,
) -> None:
    """End a key at once, in every process that serves the store."""
    with opened(database) as store:
        from nspl_opt.store import keys
        from nspl_opt.store.actor import LOCAL

        store.run_write(lambda work: keys.revoke(work, key_id), LOCAL, "key.revoke", key_id[:12])
    typer.echo(say("store.revoked", lang.value, id=key_id))
