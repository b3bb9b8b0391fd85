"""Put into the README what ``make demo`` gave: run by ``make readme`` after it, in the same environment.

Reads the plan of the demo, verifies it again, and writes status, goals and the verdict between the markers.
"""

import contextlib
import io
import sys
from pathlib import Path

from nspl_opt.cli.library import open_plan
from nspl_opt.cli.output import print_fact, print_goals
from nspl_opt.cli.texts import call_it
from nspl_opt.plan.checks import verify

BEGIN, END = "<!-- make demo gave -->\n", "<!-- so far -->\n"


def show(folder: Path) -> str:
    """What the demo says of its plan, in English, as an indented block."""
    stored = open_plan(folder)
    found = verify(stored.plan, stored.situation, stored.travel)
    if not found.ok:
        sys.exit(f"{folder} breaks its rules: nothing to show")
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        print_fact("status", call_it("status", stored.plan.status, "en"))
        print_goals(stored.plan, "en")
        print(found.text("en").splitlines()[0])
    return "".join(f"    {line}\n" for line in said.getvalue().splitlines())


if __name__ == "__main__":
    readme = Path(__file__).resolve().parent.parent / "README.md"
    text = readme.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    readme.write_text(f"{before}{BEGIN}\n{show(Path(sys.argv[1]))}\n{END}{after}", encoding="utf-8")
