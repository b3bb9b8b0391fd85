"""A process that has imported the store once and forks a child for every line it reads: children are for killing.

``write ADDRESS``: the child changes a figure without end and prints its number once the store has said yes.
``migrate ADDRESS SECONDS``: the child brings the schema up, and prints ``.`` and waits after every statement.
A child first prints its process id, then ``ready``; when it is gone, its parent prints ``gone``.
"""

import os
import sys
import time

from sqlalchemy import event
from sqlalchemy.engine import Engine

from nspl_opt.store.actor import Actor
from nspl_opt.store.capacities import declare
from nspl_opt.store.store import Store

ACTOR = Actor("9" * 12, "region_decision_maker", "18", "region-18")


def say(what: object) -> None:
    """One line, at once and as a whole."""
    os.write(1, f"{what}\n".encode())


def write(address: str) -> None:
    store = Store.open(address)
    say("ready")
    number = 0
    while True:
        number += 1
        with store.write(ACTOR, "capacity.declare") as work:
            declare(work, "18", "take", "icu_general", number, "2027-01-11T00:00", "2027-01-12T00:00")
        # Acknowledged: from here on it must not be lost.
        say(number)


def migrate(address: str, seconds: str) -> None:
    @event.listens_for(Engine, "after_cursor_execute")
    def slow(_connection, _cursor, statement, *_rest):
        if statement.lstrip().upper().startswith(("CREATE", "INSERT", "UPDATE")):
            say(".")
            time.sleep(float(seconds))

    say("ready")
    Store.migrate(address)


def main() -> None:
    while line := sys.stdin.readline():
        task, *words = line.split()
        child = os.fork()
        if not child:
            say(os.getpid())
            try:
                {"write": write, "migrate": migrate}[task](*words)
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        say("gone")


if __name__ == "__main__":
    main()
