"""Bodies that a service may be sent by mistake or in bad will: made here, by kind, never stored."""

import copy
import json

from tests.api.test_story import FORM

LINE = "line-l-" + "0" * 32
SOUND = {
    "/v1/regions/17/answers": {"line_id": LINE, "answer": "accept", "amount": 3},
    "/v1/regions/17/capacity": {
        "side": "take", "what": "icu_general", "amount": 4, "from_time": "2027-01-11T06:00",
        "to_time": "2027-01-12T06:00",
    },
    "/v1/help-requests": {"form": FORM, "submit": False},
    "/v1/what-if": {
        "base_plan": "plan-l-" + "0" * 32,
        "changes": [{"lever": "beds", "place": "17", "change": "+5", "from_h": 0, "to_h": 24}],
    },
}  # fmt: skip
"""Path -> a body that is sound. All can be sent by the decision-maker of region 17."""
NUMBERS = (
    "NaN", "Infinity", "-Infinity", '"nan"', "1e400", "-1e400", "-1", "-0.0", "0.30000000000000004", "1e15", "1e-9",
    "2147483648", "9007199254740993", "9223372036854775808", "true", "false", '"12"', "3.5", '"3,5"', '"١٢"',
    "1" * 5000, "0." + "1" * 5000, "null", "[]", "{}", "[1]", "01", "+1", "0x10", "1_000", "-",
)  # fmt: skip
TEXTS = (
    '"a\\u0000b"', '"\\ud800"', '"\\udc00\\ud800"', '"\\u202egnirob"', '"' + "x" * 900_000 + '"', '"\U0001f691"',
    '"a\u0308"', '"icu_general "', '" icu_general"', '"=1+1"', '"@SUM(A1)"', '"../../etc/passwd"', '"..%2f..%2fetc"',
    '"CON"', '""', '"\\n"', '"\\t"', '"19121212-1212"', '"<script>alert(1)</script>"', "12", "null", "[]", "{}", "true",
    '"{{7*7}}"', '"%s%n"', '"\'; DROP TABLE keys; --"', '"\\u001b[31m"', '"http://192.0.2.1/x"',
)  # fmt: skip
TIMES = (
    '"9999-12-31T23:59"', '"0000-01-01T00:00"', '"2027-02-30T06:00"', '"2027-01-11T06:00Z"', '"2027-01-11T25:00"',
    '"2027-01-11"', '"2027-03-28T02:30:00+01:00"', "1768111200", '"now"', '"2027-01-13T06:00"',
)  # fmt: skip


def bodies():
    """(path, what is odd about it, the body as bytes): more than two hundred."""
    for path, sound in SOUND.items():
        text = json.dumps(sound)
        yield from ((path, what, body) for what, body in _structures(text))
        for place, value in _leaves(sound):
            kinds = NUMBERS if isinstance(value, int) else TEXTS
            kinds += TIMES if isinstance(value, str) and value.startswith("2027") else ()
            # The form of a help request has many fields of the same sorts: each gets some of them.
            for odd in kinds[len(place) % 3 :: 3] if "form" in place else kinds:
                yield path, f"{'.'.join(map(str, place))} = {odd[:24]}", _with(sound, place, odd)
            yield path, f"{'.'.join(map(str, place))} left out", _without(sound, place)


def _structures(text):
    raw = text.encode()
    yield "empty", b""
    yield "space", b"  \n "
    yield "null", b"null"
    yield "list", b"[" + raw + b"]"
    yield "number", b"12"
    yield "text", b'"x"'
    yield "byte order mark", b"\xef\xbb\xbf" + raw
    yield "UTF-16", text.encode("utf-16")
    yield "cp1252", b'{"' + "åäö".encode("cp1252") + b'": 1}'
    yield "broken UTF-8", raw[:-1] + b'\xff"}'
    yield "trailing comma", raw[:-1] + b",}"
    yield "two values", raw + raw
    yield "comment", b"/* x */" + raw
    yield "single quotes", text.replace('"', "'").encode()
    yield "same key twice", raw[:-1] + b"," + raw[1:]
    yield "unknown key", raw[:-1] + b', "role": "secretariat"}'
    yield "odd key", raw[:-1] + b', "\\u0000": 1}'
    yield "surrogate key", raw[:-1] + b', "\\ud800": 1}'
    yield "prototype", raw[:-1] + b', "__proto__": {"region": "18"}}'
    yield "deep lists", b"[" * 100_000 + b"]" * 100_000
    yield "deep objects", b'{"a":' * 100_000 + b"1" + b"}" * 100_000
    yield "deep and unfinished", b"[" * 900_000
    yield "many small objects", b"[" + b"{}," * 300_000 + b"{}]"
    yield "many quotes", b'"' * 900_000
    yield "many escaped quotes", b'"' + b'\\"' * 400_000
    yield "too large", b'{"a": "' + b"x" * 1_100_000 + b'"}'
    yield "carriage returns", text.replace(" ", "\r\n").encode()
    for tenth in range(1, 10):
        yield f"cut at {tenth}0 %", raw[: len(raw) * tenth // 10]


def _leaves(value, place=()):
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _leaves(one, (*place, name))
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from _leaves(one, (*place, number))
    else:
        yield place, value


def _with(sound, place, odd):
    """The body with raw JSON text in one place."""
    changed, mark = copy.deepcopy(sound), "@@@"
    at = changed
    for step in place[:-1]:
        at = at[step]
    at[place[-1]] = mark
    return json.dumps(changed).replace(json.dumps(mark), odd).encode("utf-8", "surrogatepass")


def _without(sound, place):
    changed = copy.deepcopy(sound)
    at = changed
    for step in place[:-1]:
        at = at[step]
    del at[place[-1]]
    return json.dumps(changed).encode()
