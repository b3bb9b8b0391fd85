"""Goals that come before the main one, priced into it: for whoever solves the main goal many times.

What-ifs, windows and sweeps solve one goal again and again, and take it for the first. Where agreements come before it,
each patient or person not moved or lent as agreed costs ``ahead_price`` there: as much as if the severest patient went
without care throughout. So an agreement is broken only where it cannot be kept, or to keep another one.
"""

from __future__ import annotations

import numpy as np

Parts = dict[str, np.ndarray]


def folded(parts: Parts) -> Parts:
    """The same problem with the goals ahead of the main one taken out and added to it at their price; main is then 0.

    Without goals ahead the parts are returned as they are. A plan of it is one of the whole problem.
    """
    main = int(parts.get("main", 0))
    if main == 0:
        return parts
    goals, offsets, price = parts["goals"], parts["goal_offset"], float(parts["ahead_price"])
    return {
        **parts,
        "goals": np.vstack([goals[main] + price * goals[:main].sum(axis=0), goals[main + 1 :]]),
        "goal_offset": np.append(offsets[main] + price * offsets[:main].sum(), offsets[main + 1 :]),
        "holds": parts["holds"][main:],
        "tolerances": parts["tolerances"][main:],
        "main": np.array(0),
    }
