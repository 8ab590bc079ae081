"""What each provider takes as training data, where it is not what OpenAI takes.

The rules on the lines themselves are the table in `examples`; what they leave open is here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

PLAIN = (("prompt", "completion"), ("text",))
"""The keys of the formats that hold text in place of messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataRules:
    """One provider's limits and freedoms; by default none of either is known."""

    source: str
    min_examples: int = 1
    plain: tuple[tuple[str, ...], ...] = ()
    """The keys of each format without messages that supervised training takes."""
    weight_roles: tuple[str, ...] = ("assistant",)
    """Whose messages may have a weight."""
    long_outputs: bool = False
    """Whether a preferred output may hold a tool call, its result and the answer."""
    special_tokens: bool = True
    """Whether the model's own tokens may stand in a text."""


DATA_RULES: Mapping[str, DataRules] = {
    "openai": DataRules(
        source="OpenAI guide on supervised fine-tuning: at least ten examples",
        min_examples=10,
        special_tokens=False,
    ),
    "azure": DataRules(
        source="MicrosoftDocs/azure-ai-docs, fine-tuning-rest.md; azure-skills, dataset-formats.md",
        min_examples=10,
        long_outputs=True,
        special_tokens=False,
    ),
    "nebius": DataRules(
        source="docs.tokenfactory.nebius.com, post-training/datasets",
        plain=PLAIN,
    ),
    "together": DataRules(
        source="together-python, src/together/utils/files.py and constants.py; docs.together.ai, "
        "fine-tuning/data-preparation",
        plain=PLAIN,
        weight_roles=("system", "user", "assistant", "tool"),
    ),
    "llmariner": DataRules(source="llmariner/job-manager: the server looks at no line"),
    "zhipu": DataRules(source="MetaGLM/zhipuai-sdk-python-v4 states no limit"),
}
"""By the name of the dialect."""
