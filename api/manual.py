"""The description for people, made from the one for programs: what each operation takes and gives, and every form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .permissions import Operation, load_operations

REF = "#/components/schemas/"
WORDS = {
    "sv": {"or": " eller ", "list": "lista av ", "named": "objekt: namn och ", "at_most": "högst {} tecken",
           "string": "text", "integer": "heltal", "number": "tal", "boolean": "true eller false", "object": "objekt",
           "null": "null", "any": "vad som helst"},
    "en": {"or": " or ", "list": "list of ", "named": "object: names and ", "at_most": "at most {} characters",
           "string": "text", "integer": "whole number", "number": "number", "boolean": "true or false",
           "object": "object", "null": "null", "any": "anything"},
}  # fmt: skip
LONGEST = 10_000
"""Limits on a text's length beyond this one are not worth telling."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some words of what a value is; ``form`` names the form that they stand for."""

    text: str
    form: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter, or a field of a form."""

    name: str
    where: str
    needed: bool
    kind: tuple[Part, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Form:
    """An object that is sent or given."""

    name: str
    text: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One operation: its parameters, the form of its body, what it gives, and the statuses it may refuse with."""

    operation: Operation
    text: str
    parameters: tuple[Field, ...]
    body: tuple[Part, ...]
    gives: tuple[Part, ...]
    refusals: tuple[str, ...]


def entries(described: Mapping[str, Any], language: str) -> tuple[Entry, ...]:
    """Every operation of an OpenAPI description, in the order of ``permissions.toml``."""
    found = {one["operationId"]: one for ways in described["paths"].values() for one in ways.values()}
    return tuple(
        _entry(operation, found[name], WORDS[language])
        for name, operation in load_operations().items()
        if name in found
    )


def forms(described: Mapping[str, Any], language: str) -> tuple[Form, ...]:
    """Every form of an OpenAPI description, by name."""
    words = WORDS[language]
    return tuple(
        Form(name, _plain(schema.get("description", "")), tuple(_fields(schema, words)))
        for name, schema in sorted(described["components"]["schemas"].items())
    )


def _entry(operation: Operation, described: Mapping[str, Any], words: Mapping[str, str]) -> Entry:
    given = [one for status, one in sorted(described["responses"].items()) if status.startswith("2")]
    return Entry(
        operation,
        _plain(described.get("description", "").partition("\n\n")[2]),
        tuple(_parameter(one, words) for one in described.get("parameters", ())),
        _content(described.get("requestBody", {}), words),
        _either([_content(one, words) for one in given], words),
        tuple(status for status in sorted(described["responses"]) if status >= "4"),
    )


def _parameter(one: Mapping[str, Any], words: Mapping[str, str]) -> Field:
    kind = tuple(_kind(one["schema"], words))
    return Field(one["name"], one["in"], one.get("required", False), kind, _plain(one.get("description", "")))


def _fields(schema: Mapping[str, Any], words: Mapping[str, str]) -> Iterator[Field]:
    needed = schema.get("required", ())
    for name, one in schema.get("properties", {}).items():
        yield Field(name, "body", name in needed, tuple(_kind(one, words)), _plain(one.get("description", "")))


def _content(told: Mapping[str, Any], words: Mapping[str, str]) -> tuple[Part, ...]:
    """What a body is: its form, or the kinds of file it may be."""
    found = told.get("content", {})
    if (schema := found.get("application/json", {}).get("schema")) and schema != {}:
        return tuple(_kind(schema, words))
    return (Part(", ".join(found)),) if found else ()


def _kind(schema: Mapping[str, Any], words: Mapping[str, str]) -> Iterator[Part]:
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(REF)
        yield Part(name, name)
    elif "anyOf" in schema:
        yield from _either([tuple(_kind(one, words)) for one in schema["anyOf"]], words)
    elif "enum" in schema or "const" in schema:
        yield Part(" | ".join(str(value) for value in schema.get("enum", [schema.get("const")])))
    elif schema.get("type") == "array":
        yield Part(words["list"])
        yield from _kind(schema.get("items", {}), words)
    elif isinstance(schema.get("additionalProperties"), Mapping):
        yield Part(words["named"])
        yield from _kind(schema["additionalProperties"], words)
    else:
        yield Part(words[schema.get("type", "any")] + _limits(schema, words))


def _either(kinds: Sequence[tuple[Part, ...]], words: Mapping[str, str]) -> tuple[Part, ...]:
    found: list[Part] = []
    for kind in kinds:
        found += [Part(words["or"]), *kind] if found and kind else kind
    return tuple(found)


def _limits(schema: Mapping[str, Any], words: Mapping[str, str]) -> str:
    if "pattern" in schema:
        return f" {schema['pattern']}"
    if schema.get("maxLength", LONGEST + 1) <= LONGEST:
        return ", " + words["at_most"].format(schema["maxLength"])
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    if low is None and high is None:
        return ""
    return f" {'' if low is None else f'{low:g}'} – {'' if high is None else f'{high:.10g}'}"


def _plain(text: str) -> str:
    """A docstring as it is read: one paragraph a line, without the marks of code."""
    return "\n".join(" ".join(one.split()) for one in text.replace("``", "").split("\n\n"))
