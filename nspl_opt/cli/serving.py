"""``serve``: the web service over a store, with SQLite and without set-up on one's own machine."""

from __future__ import annotations

import gc
import ipaddress
import os
import signal
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from nspl_opt.cli.options import Lang, LangOption, ReferenceOption, examples, refuse
from nspl_opt.cli.output import print_fact
from nspl_opt.cli.stores import DatabaseOption
from nspl_opt.cli.texts import say
from nspl_opt.problems import InvalidInput, Problem, did_you_mean

CONNECTIONS = 2_000
"""Connections held at a time, idle ones among them. How many requests are worked at is the service's own matter."""
FIRST = {
    "live": (("secretariat", "kansli-01"), ("secretariat", "kansli-02"), ("administrator", "admin-01")),
    "exercise": (("exercise_lead", "ledning-01"), ("secretariat", "kansli-01"), ("administrator", "admin-01")),
}
"""Keys of a new store: role and holder. Two of the secretariat, for plans are published by two."""


class Realm(StrEnum):
    """Live and exercise never share a store."""

    live = "live"
    exercise = "exercise"


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command(
        "serve",
        short_help="Start the web service.",
        epilog=examples(
            "nspl-opt serve",
            "nspl-opt serve --realm exercise --database sqlite:///exercise.sqlite",
            "nspl-opt serve --database postgresql://nspl@localhost/nspl --host 0.0.0.0 --behind-proxy",
            remark="Without set-up it makes a store in this folder and shows its first keys once. Every other address "
            "than this machine's own needs TLS files or a proxy that is declared, and keys. See docs/api.md.",
        ),
    )(serve)


def serve(
    database: DatabaseOption = None,
    realm: Annotated[Realm, typer.Option("--realm", help="Live or exercise; a store keeps its realm.")] = Realm.live,
    host: Annotated[str, typer.Option("--host", metavar="ADDRESS", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", metavar="N", min=0, max=65535, help="Port to listen on.")] = 8000,
    behind_proxy: Annotated[
        bool, typer.Option("--behind-proxy", help="A proxy before the service speaks TLS with the world.")
    ] = False,
    proxy_address: Annotated[
        str,
        typer.Option(
            "--proxy-address", metavar="LIST", help="Addresses that may tell whom they speak for, with commas."
        ),
    ] = "127.0.0.1",
    tls_cert: Annotated[Path | None, typer.Option("--tls-cert", metavar="FILE", help="Certificate, PEM.")] = None,
    tls_key: Annotated[Path | None, typer.Option("--tls-key", metavar="FILE", help="Its key, PEM.")] = None,
    work_dir: Annotated[
        Path | None, typer.Option("--work-dir", metavar="DIR", help="Folder for runs at work and pages made.")
    ] = None,
    heads: Annotated[
        Path | None, typer.Option("--heads", metavar="FILE", help="Signed heads of the audit, outside the database.")
    ] = None,
    reference: ReferenceOption = None,
    lang: LangOption = Lang.sv,
) -> None:
    """Serve plans to the secretariat and recommendations to the regions, until Ctrl-C."""
    # A plain end, so that everything is closed in order: while it starts, and when the server passes the signal on.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    _check_open(host, behind_proxy, tls_cert, tls_key)
    api = _import_service()
    address = database or f"sqlite:///nspl-opt-{realm.value}.sqlite"
    folder = work_dir or Path(f"nspl-opt-{realm.value}.work")
    given = {"database": address, "realm": realm.value, "work_dir": folder, "heads": heads, "reference": reference}
    settings = _settings(api["settings"].Settings, given)
    store = _open_store(address, realm.value, is_loopback(host), lang.value)
    try:
        _run(api, settings, store, _listening(host, port, behind_proxy, proxy_address, tls_cert, tls_key), lang.value)
    finally:
        store.close()


def _settings(kind: Any, given: dict[str, Any]) -> Any:
    """The settings of the service, those from the environment among them."""
    from pydantic import ValidationError

    unknown = [
        Problem("U125", name, "is no setting", did_you_mean(name, known)) for name, known in kind.unknown_in(os.environ)
    ]
    if unknown:
        raise InvalidInput("nspl-opt", unknown)
    try:
        return kind(**given)
    except ValidationError as wrong:
        prefix = kind.model_config["env_prefix"]
        problems = [
            Problem("U125", f"{prefix}{str(one['loc'][0]).upper()}", one["msg"].lower(), "see docs/api.md, settings")
            for one in wrong.errors(include_input=False)
        ]
        raise InvalidInput("nspl-opt", problems) from None


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches the address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _check_open(host: str, behind_proxy: bool, tls_cert: Path | None, tls_key: Path | None) -> None:
    if (tls_cert is None) != (tls_key is None):
        raise refuse("U121", "--tls-cert, --tls-key", "only one of them is given", "give both files, or neither")
    for option, file in (("--tls-cert", tls_cert), ("--tls-key", tls_key)):
        if file is not None and not file.is_file():
            raise refuse("U121", f"{option} {file}", "is no file", "give a file in PEM form")
    if not (is_loopback(host) or behind_proxy or tls_cert):
        what = "can be reached by others, and nothing says that it is protected"
        remedy = "give --tls-cert and --tls-key, or --behind-proxy, or listen on 127.0.0.1"
        raise refuse("U122", f"--host {host[:80]}", what, remedy)


def _let_open(files: int) -> None:
    """So many files and connections open at once, or as many as the machine allows this process."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = files if hard == resource.RLIM_INFINITY else min(files, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _import_service() -> dict[str, Any]:
    from nspl_opt.shipped import import_api

    try:
        import uvicorn

        return {"uvicorn": uvicorn, **{name: import_api(name) for name in ("app", "settings", "desk", "services")}}
    except ImportError as error:
        what = f"the package {error.name or 'of the service'} is not installed"
        raise refuse("U120", "serve", what, "run: pip install 'nspl-opt[api]'") from None


def _open_store(address: str, realm: str, own_machine: bool, language: str) -> Any:
    """The store; on one's own machine a new one is made when there is none, and its first keys shown once."""
    from nspl_opt.store.errors import StoreError
    from nspl_opt.store.store import Store

    try:
        try:
            store, is_new = Store.open(address, realm=realm), False
        except StoreError as missing:
            if missing.code != "L101" or not own_machine:
                raise
            store, is_new = Store.create(address, realm), True
        try:
            _get_keys(store, realm, own_machine, is_new, language)
        except BaseException:
            store.close()
            raise
    except StoreError as error:
        raise refuse(error.code, "store", error.en.rstrip("."), error.remedy_en) from None
    return store


def _get_keys(store: Any, realm: str, own_machine: bool, is_new: bool, language: str) -> None:
    """Serve this store alone, and only with keys: on one's own machine one that never had any begins anew."""
    from nspl_opt.store import keys

    if not store.database.take():
        raise refuse("U124", "store", "another service serves it", "stop that one, or give another store")
    with store.read() as connection:
        found = keys.all_keys(connection)
    if not found and own_machine:
        if not is_new:
            typer.echo(say("serve.no_keys", language))
        _begin(store, realm, language)
    elif not any(keys.is_open(one, store.now()) for one in found):
        command = "nspl-opt store keys issue --role administrator --holder admin-02 --database"
        raise refuse("U123", "store", "has no key that may be used", f"make one: {command} {store.database.name}")


def _begin(store: Any, realm: str, language: str) -> None:
    """Shipped models and scenarios for a new store, and last its first keys: until then it can begin once more."""
    from nspl_opt.store import keys
    from nspl_opt.store.beginnings import add_shipped

    models, scenarios = add_shipped(store)
    typer.echo(say("serve.shipped", language, models=", ".join(models), scenarios=", ".join(scenarios)))
    typer.echo(say("serve.first_keys", language))
    keys.issue_first(store, FIRST[realm], lambda role, holder, key: print_fact(holder, f"{key}  {role}"))


def _listening(
    host: str, port: int, behind_proxy: bool, proxy_address: str, tls_cert: Path | None, tls_key: Path | None
) -> dict[str, Any]:
    """How the server listens. Idle connections outlive the polling interval; a stop waits ten seconds for answers."""
    return {
        "host": host,
        "port": port,
        "proxy_headers": behind_proxy,
        "forwarded_allow_ips": proxy_address if behind_proxy else "",
        "ssl_certfile": None if tls_cert is None else str(tls_cert),
        "ssl_keyfile": None if tls_key is None else str(tls_key),
        "timeout_keep_alive": 75,
        "timeout_graceful_shutdown": 10,
        "limit_concurrency": CONNECTIONS,
        "server_header": False,
        "access_log": False,  # what was asked stands in the audit, without keys and without content
        "log_level": "warning",
    }


def _run(api: dict[str, Any], settings: Any, store: Any, listening: dict[str, Any], language: str) -> None:
    from nspl_opt.jobs.leftovers import InUse
    from nspl_opt.store.heads import Heads

    signing = None
    if settings.heads is not None:
        signing = Heads(settings.heads)
        signing.attach(store)
    scheme = "https" if listening["ssl_certfile"] else "http"
    facts = store.facts()
    if settings.realm == "exercise":
        typer.echo(say("serve.exercise", language))
    typer.echo(say("serve.begins", language, **{name: facts[name] for name in ("realm", "database", "version")}))
    typer.echo(say("serve.listens", language, scheme=scheme, host=listening["host"], port=listening["port"]))
    services = api["services"].make_services(settings, store, api["desk"].Desk(settings, store))
    app = api["app"].create_app(settings, services=services)
    try:
        services.desk.start()
        _let_open(CONNECTIONS + 200)
        # What is loaded now stays: looked through again and again it would hold up answers for a tenth of a second.
        gc.collect()
        gc.freeze()
        api["uvicorn"].run(app, **listening)
    except InUse:
        where = str(settings.work_dir)
        raise refuse("U124", f"--work-dir {where}", "another service works there", "give another folder") from None
    finally:
        services.desk.stop()
        if signing is not None:
            signing.sign_now(store)
