"""``store``: make a store and bring it up to date, look through its audit, back it up and bring it back."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from nspl_opt.cli.issuing import keys_app
from nspl_opt.cli.options import JsonOption, Lang, LangOption, examples, print_json
from nspl_opt.cli.output import print_fact
from nspl_opt.cli.stores import DatabaseOption, address_of, opened, told
from nspl_opt.cli.texts import say


class Realm(StrEnum):
    """Live and exercise never share a store."""

    live = "live"
    exercise = "exercise"


store_app = typer.Typer(
    help="Make, keep and look through the store of the service.",
    epilog=examples(
        "nspl-opt store create --realm exercise --database sqlite:///exercise.sqlite",
        "nspl-opt store audit-verify --heads heads.jsonl --database sqlite:///exercise.sqlite",
        remark="Every command shows more with --help. The database may be given once, in NSPL_OPT_DATABASE.",
    ),
    no_args_is_help=True,
    rich_markup_mode=None,
)
store_app.add_typer(keys_app, name="keys")


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(store_app, name="store")


@store_app.command(
    epilog=examples(
        "nspl-opt store create --realm live --database sqlite:///store.sqlite",
        "nspl-opt store create --realm exercise --database postgresql://nspl@localhost/exercise",
    )
)
def create(
    realm: Annotated[Realm, typer.Option("--realm", help="Live or exercise; a store keeps its realm.")],
    database: DatabaseOption = None,
    lang: LangOption = Lang.sv,
) -> None:
    """Make a new store. A file is readable to its owner only."""
    address = address_of(database)
    with told():
        from nspl_opt.store.store import Store

        store = Store.create(address, realm.value)
        facts, name = store.facts(), store.database.name
        store.close()
    typer.echo(say("store.created", lang.value, where=name, **facts))


@store_app.command(
    epilog=examples(
        "nspl-opt store migrate --database sqlite:///store.sqlite",
        "nspl-opt store migrate --database postgresql://nspl@localhost/nspl",
    )
)
def migrate(database: DatabaseOption = None, lang: LangOption = Lang.sv) -> None:
    """Bring a store to the newest schema, whole or not at all. Make a backup first."""
    address = address_of(database)
    with told():
        from nspl_opt.store.store import Store

        before, after = Store.migrate(address)
    typer.echo(say("store.current" if before == after else "store.migrated", lang.value, before=before, after=after))


@store_app.command(
    "audit-verify",
    epilog=examples(
        "nspl-opt store audit-verify",
        "nspl-opt store audit-verify --heads heads.jsonl --key heads.jsonl.key",
        remark="Exit code 1 when anything was changed, removed, added or made anew.",
    ),
)
def audit_verify(
    database: DatabaseOption = None,
    heads: Annotated[
        Path | None, typer.Option("--heads", metavar="FILE", help="Signed heads, as the service wrote them.")
    ] = None,
    key: Annotated[
        Path | None, typer.Option("--key", metavar="FILE", help="What they were signed with; FILE.key unless given.")
    ] = None,
    lang: LangOption = Lang.sv,
    as_json: JsonOption = False,
) -> None:
    """Follow the chain of the audit from its first row, and look through the rest of the store.

    Without signed heads a chain that was cut at its end, or made anew as a whole, cannot be told from a true one.
    """
    with opened(database) as store:
        from nspl_opt.store import audit, backup
        from nspl_opt.store.heads import read_heads, read_secret

        signed, secret = (), None
        if heads is not None:
            signed = read_heads(heads)
            secret = read_secret(key or heads.with_name(heads.name + ".key"))
        with store.read() as connection:
            findings, head = audit.verify(connection, signed, secret), audit.head(connection)
            damage = backup.damage(connection)
    if as_json:
        told = [{"kind": one.kind, "row": one.seq, "sv": one.sv, "en": one.en} for one in findings]
        facts = {"rows": head.seq, "head": head.hash, "signed_heads": len(signed)}
        print_json(facts | {"findings": told, "damage": damage})
    else:
        for line in (*(getattr(one, lang.value) for one in findings), *damage):
            typer.echo(line)
        whole = not findings and not damage
        said = "store.whole" if whole and signed else "store.whole_unsigned" if whole else "store.broken"
        typer.echo(say(said, lang.value, rows=head.seq, head=head.hash, signed=len(signed)))
    if findings or damage:
        raise typer.Exit(1)


@store_app.command(
    epilog=examples(
        "nspl-opt store backup --out backups/monday.backup",
        "nspl-opt store backup --out monday.backup --database postgresql://nspl@localhost/nspl",
        remark="The service may go on writing meanwhile. Beside the file lies FILE.json: its hash, and where the "
        "audit ended. For PostgreSQL its program pg_dump is needed.",
    )
)
def backup(
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="New file to write.")],
    database: DatabaseOption = None,
    lang: LangOption = Lang.sv,
) -> None:
    """Copy a store into one file while it is in use, and look the copy through."""
    with opened(database) as store:
        from nspl_opt.store import backup

        made = backup.back_up(store, out)
    print_fact(say("written_to", lang.value), str(out.absolute()))
    typer.echo(say("store.backed_up", lang.value, rows=made.seq, sha256=made.sha256))


@store_app.command(
    epilog=examples(
        "nspl-opt store restore backups/monday.backup --database sqlite:///again.sqlite",
        "nspl-opt store restore monday.backup --database postgresql://nspl@localhost/again",
        remark="For PostgreSQL make an empty database first; its program pg_restore is needed.",
    )
)
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A backup.")],
    database: DatabaseOption = None,
    lang: LangOption = Lang.sv,
) -> None:
    """Bring a backup back to where no store is, and look it through before it may be used."""
    address = address_of(database)
    with told():
        from nspl_opt.store import backup

        store = backup.restore(file, address)
        facts, name = store.facts(), store.database.name
        store.close()
    typer.echo(say("store.restored", lang.value, where=name, **facts))
