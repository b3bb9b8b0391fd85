"""What-ifs called off, so that others need not wait for what nobody wants to know any more."""

from __future__ import annotations

from nspl_opt.store import what_ifs

from ..answers.base import Reply, gives
from ..answers.what_ifs import WhatIfSeen, WhatIfWhole
from ..calls import Call
from .what_ifs import read_what_if


@gives(200, WhatIfWhole | WhatIfSeen)
def cancel_what_if(call: Call, what_if_id: str) -> Reply:
    """Ask a what-if to end; nothing is told of it then. One that has ended stays as it is; a region ends its own."""
    call.services.store.run_read(lambda read: what_ifs.find(read, what_if_id, call.region))

    def act(work: what_ifs.Work) -> Reply:
        work.about(what_if_id, asked="cancel")
        return Reply(read_what_if(call, what_if_id))

    reply = call.change(act, what_if_id)
    call.services.desk.cancel(what_if_id)
    return reply
