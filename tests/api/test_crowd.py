"""Too many at once: told so at once, in the service's own shape; who is inside is answered, and so is /health."""

import asyncio
import json
import threading

import pytest

from api.crowd import DOORS, Crowd, Doors
from api.problems import Refusal


class Door:
    """An application whose answers begin when it is told to."""

    def __init__(self):
        self.open, self.streaming = asyncio.Event(), asyncio.Event()

    async def __call__(self, scope, receive, send):
        if scope["path"] == "/falls":
            raise RuntimeError("fell")
        if scope["path"] == "/v1/stream":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await self.streaming.wait()
        elif scope["path"] != "/health":
            await self.open.wait()
        if scope["path"] != "/v1/stream":
            await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


async def _ask(crowd, path):
    told = []

    async def send(message):
        told.append(message)

    await crowd({"type": "http", "path": path, "method": "GET", "headers": []}, None, send)
    return told


def test_who_comes_on_top_is_told_to_wait_and_nobody_else_is():
    async def story():
        door = Door()
        crowd = Crowd(door, most=2)
        stream = asyncio.create_task(_ask(crowd, "/v1/stream"))
        inside = [asyncio.create_task(_ask(crowd, "/v1/plans")) for _ in range(2)]
        await asyncio.sleep(0)
        start, body = await _ask(crowd, "/v1/plans")
        headers = dict(start["headers"])
        assert start["status"] == 503 and headers[b"retry-after"] == b"1"
        assert headers[b"content-type"] == b"application/problem+json" and json.loads(body["body"])["status"] == 503
        assert (await _ask(crowd, "/health"))[0]["status"] == 200
        door.open.set()
        assert [(await one)[0]["status"] for one in inside] == [200, 200]
        assert (await _ask(crowd, "/v1/plans"))[0]["status"] == 200
        door.streaming.set()
        await stream
        for _ in range(3):  # who falls leaves too
            try:
                await _ask(crowd, "/falls")
            except RuntimeError:
                continue
        assert crowd.inside == 0

    asyncio.run(story())


def test_who_waits_too_long_at_the_doors_is_told_to_wait_and_who_is_through_is_answered():
    async def story():
        doors, over = Doors(wait_s=0.05), threading.Event()
        inside = [asyncio.create_task(doors.run(over.wait, 30)) for _ in range(DOORS)]
        await asyncio.sleep(0)
        with pytest.raises(Refusal) as refused:
            await doors.run(int, "3")
        assert refused.value.status == 503 and refused.value.headers["Retry-After"] == "1"
        over.set()
        assert await asyncio.gather(*inside) == [True] * DOORS  # longer than others may wait for them
        assert await doors.run(int, "3") == 3

    asyncio.run(story())
