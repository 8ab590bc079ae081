"""What each provider takes as training data, where it is not what OpenAI takes.

The rules on the lines themselves are the table in `examples`; what they leave open is here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

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
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Who may speak, by the method, where it is not who the contract says."""
    message_keys: tuple[str, ...] = ()
    """Keys of an assistant's message beyond those of the contract."""
    images: int | None = None
    """The most images of an example."""
    web_images: bool = True
    """Whether an image may be an address."""
    alternating: tuple[str, ...] = ()
    """Roles of which no two messages stand in a row."""
    system_first: bool = False
    """Whether a system message may only come first."""
    ends_with_answer: bool = True
    """Whether a conversation must end with the assistant."""
    ends_with_call: bool = True
    """Whether its last message may call a tool."""
    special_tokens: bool = True
    """Whether the model's own tokens may stand in a text."""


DATA_RULES: Mapping[str, DataRules] = {
    "openai": DataRules(
        source="OpenAI guide on supervised fine-tuning: at least ten examples; vision guide",
        min_examples=10,
        images=10,
        special_tokens=False,
    ),
    "azure": DataRules(
        source="MicrosoftDocs/azure-ai-docs, fine-tuning-rest.md; azure-skills, dataset-formats.md",
        min_examples=10,
        long_outputs=True,
        images=64,
        alternating=("assistant",),
        special_tokens=False,
    ),
    "nebius": DataRules(
        source="docs.tokenfactory.nebius.com, post-training/datasets; nebius/token-factory-"
        "cookbook trains lines that end with the user",
        plain=PLAIN,
        ends_with_answer=False,
        ends_with_call=False,
    ),
    "together": DataRules(
        source="together-python, src/together/utils/files.py and constants.py; docs.together.ai, "
        "fine-tuning/data-preparation",
        plain=PLAIN,
        weight_roles=("system", "user", "assistant", "tool"),
        message_keys=("reasoning", "reasoning_content"),
        images=10,
        web_images=False,
        alternating=("assistant", "user"),
        system_first=True,
    ),
    "llmariner": DataRules(source="llmariner/job-manager: the server looks at no line"),
    "zhipu": DataRules(source="MetaGLM/zhipuai-sdk-python-v4 states no limit"),
}
"""By the name of the dialect."""
