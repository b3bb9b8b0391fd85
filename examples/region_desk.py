"""A region's desk: what is recommended to us, what our operator proposes, and one answer from the keyboard.

    NSPL_URL=https://nspl.example NSPL_KEY=nspl_x_... python examples/region_desk.py 18
    NSPL_URL=https://nspl.example NSPL_KEY=nspl_x_... python examples/region_desk.py 18 2 decline no_staffed_capacity
    NSPL_URL=https://nspl.example NSPL_KEY=nspl_x_... python examples/region_desk.py 18 2 confirm

The first shows numbered lines; the second says no to line 2, with one of the reasons that are known. ``accept`` may be
followed by a smaller amount. With an operator's key an answer is a proposal; the decision-maker says ``confirm`` to
answer as it was proposed, or otherwise.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from nspl_opt.client import Client, ServiceError
from nspl_opt.scenario.extras.agreements import REASONS

PARTS = {"sender": "skickar", "receiver": "tar emot", "carrier": "kör"}
ANSWERS = ("accept", "decline", "confirm")


def shown(number: int, line: dict[str, Any]) -> str:
    """A line as people read it: who does what, when, until when to answer, and why."""
    part = " och ".join(PARTS[one] for one in line["parts"])
    why = " ".join(one["text_sv"] for one in line["why"] if one["text_sv"])
    return (
        f"{number}. Ni {part}: {line['text_sv']} Läge: {line['state_sv']}. Svara före {line['answer_by'][:16]} UTC."
        + (f"\n   {why}" if why else "")
        + "".join(f"\n   {proposed(one)}" for one in line["proposals"])
    )


def proposed(one: dict[str, Any]) -> str:
    """A proposal as people read it: what, for which part, by which function, when."""
    said = " ".join(str(one[name]) for name in ("answer", "amount", "counter", "reason") if one[name])
    return f"Förslag ({PARTS[one['party']]}): {said}, av {one['holder']} {one['at'][:16]} UTC."


def confirm(client: Client, region: str, line: dict[str, Any]) -> dict[str, Any]:
    """Answer as the operator proposed, for each part of ours that there is a proposal for."""
    for one in line["proposals"]:
        more = {name: one[name] for name in ("amount", "counter", "reason", "legal_basis") if one[name]}
        line = client.answer(region, line, one["answer"], party=one["party"], **more)
        if line["state"] != "offered":
            break
    return line


def answer(client: Client, region: str, line: dict[str, Any], said: str, more: str | None) -> dict[str, Any]:
    """Answer as the keyboard said it."""
    if said == "confirm":
        return confirm(client, region, line)
    if said == "decline":
        return client.answer(region, line, said, reason=more)
    return client.answer(region, line, said, **({"amount": int(more)} if more else {}))


def wrong(lines: list[dict[str, Any]], number: str, said: str, more: str | None) -> str:
    """What is wrong with an answer from the keyboard; empty where it can be sent."""
    if not number.isdecimal() or not 1 <= int(number) <= len(lines):
        return f"Det finns ingen rad {number}: ange 1 till {len(lines)}." if lines else "Inget väntar på svar."
    if said not in ANSWERS:
        return f"Svaret ska vara ett av: {', '.join(ANSWERS)}."
    if said == "decline" and more not in REASONS:
        return f"Ett nej behöver ett skäl, ett av: {', '.join(REASONS)}."
    if said == "accept" and more is not None and not more.isdecimal():
        return "Ett mindre antal skrivs med siffror."
    if said == "confirm" and not lines[int(number) - 1]["proposals"]:
        return "Det finns inget förslag att bekräfta."
    return ""


def main(arguments: list[str], url: str, key: str) -> int:
    """Show the open lines of a region, or answer one; 0 when it went well."""
    region, *rest = arguments
    with Client(url, key) as client:
        try:
            lines = client.recommendations(region, open_only=True)
            if not rest:
                print("\n".join(shown(n, line) for n, line in enumerate(lines, 1)) or "Inget väntar på svar.")
                return 0
            number, word, more = (*rest, None)[:3]
            if fault := wrong(lines, number, word, more):
                print(fault, file=sys.stderr)
                return 1
            said = answer(client, region, lines[int(number) - 1], word, more)
            if said["state"] == "offered" and said["proposals"]:
                print("Förslaget är sparat. Det gäller först när regionens beslutsfattare har svarat.")
            else:
                print(f"Svaret är sparat. Raden är nu: {said['state_sv']}.")
        except ServiceError as error:
            print(error, file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    if len(sys.argv) not in (2, 4, 5):
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1:], os.environ["NSPL_URL"], os.environ["NSPL_KEY"]))
