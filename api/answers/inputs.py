"""Base of what is sent in: strict, nothing unknown, texts of known form."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from nspl_opt.cells import Complaint, refuse_person


def _sound_text(text: str) -> str:
    """Free text: printable, and nothing that looks like a personal number."""
    if not all(sign.isprintable() or sign == "\n" for sign in text):
        raise PydanticCustomError("string_pattern_mismatch", "holds signs that cannot be printed")
    try:
        refuse_person(text)
    except Complaint:
        raise PydanticCustomError("person", "looks like a personal number") from None
    return text


class Sent(BaseModel):
    """Base of every body: strict types, no unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


Note = Annotated[str, Field(max_length=500), AfterValidator(_sound_text)]
"""A remark of a person about the matter, never about a person."""
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
Code = Annotated[str, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z_-]{0,63}$")]
Id = Annotated[str, Field(pattern=r"^[a-z_]{2,16}-[lx]-[0-9a-f]{32}$")]
NO_OTHERS = {"additionalProperties": False}
"""For the description of a mapping whose names have a form."""
