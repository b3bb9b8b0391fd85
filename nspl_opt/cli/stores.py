"""How the commands about a store open it, and how they tell what it refuses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from nspl_opt.cli.options import refuse

DatabaseOption = Annotated[
    str | None,
    typer.Option(
        "--database", metavar="URL", envvar="NSPL_OPT_DATABASE", help="Store: sqlite:///FILE or postgresql://..."
    ),
]


@contextmanager
def told() -> Iterator[None]:
    """What the store refuses, as a problem of usage; and what to install when its packages are missing."""
    try:
        from nspl_opt.store.errors import StoreError
        from nspl_opt.store.store import Store  # noqa: F401
    except ImportError as error:
        what = f"the package {error.name or 'of the service'} is not installed"
        raise refuse("U120", "store", what, "run: pip install 'nspl-opt[api]'") from None
    try:
        yield
    except StoreError as error:
        raise refuse(error.code, "store", error.en.rstrip("."), error.remedy_en) from None


def address_of(database: str | None) -> str:
    """The address given, or ``InvalidInput U125``."""
    if not database:
        remedy = "give sqlite:///FILE or postgresql://..., or set NSPL_OPT_DATABASE"
        raise refuse("U125", "--database", "is not given", remedy)
    return database


@contextmanager
def opened(database: str | None) -> Iterator[Any]:
    """The store of this address, closed in the end."""
    address = address_of(database)
    with told():
        from nspl_opt.store.store import Store

        store = Store.open(address)
        try:
            yield store
        finally:
            store.close()
