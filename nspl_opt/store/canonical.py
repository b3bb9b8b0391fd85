"""JSON one way only, and its hash: for what is stored as text and what is chained."""

from __future__ import annotations

import hashlib
import json
from typing import Any


def json_text(data: Any) -> str:
    """Keys sorted, no spaces, letters as they are, no NaN; ValueError or TypeError for what is no JSON."""
    return json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def sha256_of(content: str | bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()
