"""One answer of a model, as expectations see it and as the answer store keeps it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model said, why it stopped, how long it took and how much it wrote.

    `seconds` is the time from the first request to the whole answer, tries included. What is not
    known is None.
    """

    content: str | None = None
    tool_calls: tuple[Mapping[str, Any], ...] = ()
    refusal: str | None = None
    finish_reason: str | None = None
    seconds: float | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    system_fingerprint: str | None = None

    @property
    def text(self) -> str:
        """What expectations read: the content, else the tool calls as JSON, or the refusal."""
        if not self.content and self.tool_calls:
            return json.dumps(list(self.tool_calls), ensure_ascii=False)
        return self.content or self.refusal or ""
