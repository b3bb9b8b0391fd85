"""A region's desk: what is recommended to us, until when to answer, and one answer from the keyboard.

    NSPL_URL=https://nspl.example NSPL_KEY=nspl_x_... python examples/region_desk.py 18
    NSPL_URL=https://nspl.example NSPL_KEY=nspl_x_... python examples/region_desk.py 18 2 decline no_staffed_capacity

The first shows numbered lines; the second says no to line 2. ``accept`` may be followed by a smaller amount.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from nspl_opt.client import Client, ServiceError

PARTS = {"sender": "skickar", "receiver": "tar emot", "carrier": "kör"}


def shown(number: int, line: dict[str, Any]) -> str:
    """A line as people read it: who does what, when, until when to answer, and why."""
    part = " och ".join(PARTS[one] for one in line["parts"])
    why = " ".join(one["text_sv"] for one in line["why"] if one["text_sv"])
    return (
        f"{number}. Ni {part}: {line['amount']} {line['what']} från {line['from_region']} till {line['to_region']}, "
        f"{line['from_time']} till {line['to_time']}. Läge: {line['state']}. Svara före {line['answer_by'][:16]} UTC."
        + (f"\n   {why}" if why else "")
    )


def answer(client: Client, region: str, line: dict[str, Any], said: str, more: str | None) -> dict[str, Any]:
    """Answer as the keyboard said it."""
    if said == "decline":
        return client.answer(region, line, said, reason=more or "no_staffed_capacity")
    return client.answer(region, line, said, **({"amount": int(more)} if more else {}))


def main(arguments: list[str], url: str, key: str) -> int:
    """Show the open lines of a region, or answer one; 0 when it went well."""
    region, *rest = arguments
    with Client(url, key) as client:
        try:
            lines = client.recommendations(region, open_only=True)
            if not rest:
                print("\n".join(shown(n, line) for n, line in enumerate(lines, 1)) or "Inget väntar på svar.")
                return 0
            said = answer(client, region, lines[int(rest[0]) - 1], rest[1], rest[2] if len(rest) > 2 else None)
            print(f"Svaret är sparat. Raden är nu: {said['state']}.")
        except ServiceError as error:
            print(error, file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    if len(sys.argv) not in (2, 4, 5):
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1:], os.environ["NSPL_URL"], os.environ["NSPL_KEY"]))
