"""``nspl-opt``: the commands, and how every run of them ends.

Exit codes: 0 done, 1 no plan could be made (or a stored one breaks its rules), 2 bad input or usage.
Nothing heavy is imported here: ``nspl-opt --help`` must answer at once.
"""

from __future__ import annotations

import os
import sys

import typer

from nspl_opt.cli import agreements, dispatching, inspecting, listing, planning, serving, storing, sweeping
from nspl_opt.cli.options import console_safe, examples
from nspl_opt.problems import InvalidInput

app = typer.Typer(
    name="nspl-opt",
    help="Plans who goes where when healthcare regions are overfull: patients, staff, transports. And says why.",
    epilog=examples(
        "nspl-opt scenarios",
        "nspl-opt plan gotland-ovning --out plans/gotland",
        "nspl-opt report plans/gotland",
        remark="Every command shows more with --help. Results are in Swedish unless --lang en is given or "
        "NSPL_OPT_LANG=en is set. Exit codes: 0 done, 1 no plan could be made or a plan breaks a rule, "
        "2 bad input or usage.",
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"nspl-opt {version('nspl-opt')}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(
        False, "--version", callback=_show_version, is_eager=True, help="Show the version and exit."
    ),
) -> None:
    """Options of nspl-opt itself."""


planning.register(app)
inspecting.register(app)
dispatching.register(app)
agreements.register(app)
listing.register(app)
sweeping.register(app)
serving.register(app)
storing.register(app)


def main() -> None:
    """Run the command line; every outcome ends in an exit code and never in a traceback."""
    console_safe(sys.stdout)
    console_safe(sys.stderr)
    try:
        app(prog_name="nspl-opt")
    except InvalidInput as refused:
        print(refused, file=sys.stderr)
        sys.exit(2)
    except BrokenPipeError:
        # The reader left (nspl-opt ... | head): not an error, and nothing more can be said to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except KeyboardInterrupt:
        print("Interrupted; nothing was written.", file=sys.stderr)
        sys.exit(130)
    except Exception as error:
        if os.environ.get("NSPL_OPT_DEBUG") == "1":
            raise
        sys.exit(_report(error))


def _report(error: Exception) -> int:
    """Say in one line what went wrong outside the input, and what to pass on; the exit code."""
    said = " ".join(str(error).split())[:300]
    if isinstance(error, OSError) and error.filename is not None:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    print(
        f"Internal error, not your input: {type(error).__name__}: {said}\n"
        "Please report this line; run again with NSPL_OPT_DEBUG=1 for the full trace.",
        file=sys.stderr,
    )
    return 1
