"""What no schema can say about one line: a table of rules, each a pure function.

A rule sees a line that its schema accepts. Its code, severity and hint are data, so that a
provider's profile can weigh it otherwise and `ftrunner explain` can print it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from operator import attrgetter

from ftrunner.dataset.formats import Format
from ftrunner.dataset.lines import images, texts, tools, turns
from ftrunner.dataset.lines.conversation import Example, Problem
from ftrunner.dataset.lines.faults import MOST_OF_A_LINE, Fault
from ftrunner.findings import Severity, json_path

Check = Callable[[Example], Iterator[Problem]]

_ERROR, _WARNING = Severity.ERROR, Severity.WARNING
_ALL = frozenset(Format)
_CHAT = frozenset({Format.CHAT})
_PREFERENCE = frozenset({Format.PREFERENCE})
_REINFORCEMENT = frozenset({Format.REINFORCEMENT})
_WITH_MESSAGES = frozenset(format_ for format_ in Format if not format_.is_plain)

_OPENAI = "OpenAI API reference, fine-tuning chat input"
_GUIDE = "OpenAI supervised fine-tuning guide"
_VISION = "OpenAI vision fine-tuning guide"
_AZURE = "microsoft/azure-skills, dataset-formats.md"
_CARE = "good practice; no provider checks it"

_IMAGES, _TOOLS, _TEXTS = attrgetter("images"), attrgetter("has_tools"), attrgetter("texts")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its code, what checks it, what to do about it, and who says so.

    Without a severity it applies only where a provider's profile gives it one, and not
    where a profile gives it none. A line that has nothing of what it is `about` is not checked.
    """

    code: str
    severity: Severity | None
    formats: frozenset[Format]
    check: Check
    hint: str
    source: str
    about: Callable[[Example], object] = attrgetter("line")

    @property
    def is_about_texts(self) -> bool:
        """Whether it finds nothing in texts without the bytes that `suspects` names."""
        return self.about is _TEXTS


def apply(
    rules: Sequence[Rule], example: Example, severities: Mapping[str, Severity | None]
) -> Iterator[Fault]:
    """What `rules` find in a line, each up to a bound.

    `severities` (by code) override their own.
    """
    for rule in rules:
        severity = severities.get(rule.code, rule.severity)
        if severity is not None and example.format in rule.formats and rule.about(example):
            for path, message, *hints in islice(rule.check(example), MOST_OF_A_LINE):
                hint = hints[0] if hints else rule.hint
                yield Fault(rule.code, message, json_path(path), hint=hint, severity=severity)


RULES: tuple[Rule, ...] = (
    Rule("FT228", _ERROR, _WITH_MESSAGES, turns.answers_alone_have_weights,
         "weight belongs on assistant messages only", _OPENAI),
    Rule("FT229", _ERROR, _WITH_MESSAGES, turns.answers_have_content,
         "write the answer; content may be null only where tools are called", _OPENAI),
    Rule("FT232", _ERROR, _CHAT, turns.last_is_answer,
         "end each conversation with the assistant's answer: it is what the model learns", _AZURE),
    Rule("FT233", _ERROR, _CHAT, turns.something_to_learn,
         "give at least one answer weight 1, or remove the line", _OPENAI),
    Rule("FT234", _WARNING, _WITH_MESSAGES, turns.one_answer_at_a_time,
         "join them, or put a user message between; Azure refuses the file otherwise",
         "microsoft-foundry/fine-tuning#23"),
    Rule("FT235", _ERROR, _WITH_MESSAGES, tools.calls_have_results,
         "let a tool message with this tool_call_id follow directly", _OPENAI, _TOOLS),
    Rule("FT236", _ERROR, _WITH_MESSAGES, tools.results_have_calls,
         "the id is the one in the assistant message's tool_calls", _OPENAI, _TOOLS),
    Rule("FT237", _WARNING, _WITH_MESSAGES, tools.arguments_are_objects,
         'write a string that holds an object, such as "{\\"city\\": \\"Lyon\\"}"', _CARE, _TOOLS),
    Rule("FT238", _WARNING, _WITH_MESSAGES, tools.arguments_fit,
         "the model learns to call the tool wrongly; correct the arguments or the schema", _CARE,
         _TOOLS),
    Rule("FT239", _ERROR, _WITH_MESSAGES, tools.called_tools_are_defined,
         "add the tool to the line's tools, or correct the name", _OPENAI, _TOOLS),
    Rule("FT240", _WARNING, _ALL, texts.no_special_tokens,
         "providers refuse control tokens in training text; rewrite or remove it",
         "johny-b/llmcomp#59", _TEXTS),
    Rule("FT241", _WARNING, _ALL, turns.answers_not_blank,
         "the model learns to say nothing; write the answer, or give it weight 0", _CARE),
    Rule("FT243", _WARNING, _WITH_MESSAGES, tools.tools_are_defined,
         "add tools to the line, as requests to the tuned model will have them", _GUIDE, _TOOLS),
    Rule("FT244", _WARNING, _WITH_MESSAGES, turns.system_comes_first,
         "put instructions first; some providers refuse them elsewhere",
         "Together and Fireworks data preparation"),
    Rule("FT245", _ERROR, _WITH_MESSAGES, tools.tool_names_differ,
         "keep one definition", _OPENAI, _TOOLS),
    Rule("FT246", _ERROR, _WITH_MESSAGES, tools.call_ids_differ,
         "give each call its own id", _OPENAI, _TOOLS),
    Rule("FT247", _ERROR, _WITH_MESSAGES, tools.parameters_are_schemas,
         "parameters are a JSON Schema of type object", _OPENAI, _TOOLS),
    Rule("FT248", None, _WITH_MESSAGES, turns.one_question_at_a_time,
         "join them, or put an answer between", "Together data preparation"),
    Rule("FT249", None, _CHAT, turns.last_is_no_call,
         "add the tool's result and the answer that follows", "Nebius data preparation", _TOOLS),
    Rule("FT260", _WARNING, _ALL, texts.nothing_invisible,
         "the model learns to write it; remove it", _CARE, _TEXTS),
    Rule("FT261", _WARNING, _ALL, texts.no_replacement_characters,
         "text was lost when its encoding was guessed wrongly; take it from the source again",
         _CARE, _TEXTS),
    Rule("FT262", _WARNING, _ALL, texts.no_secrets,
         "remove it and revoke it: the model can repeat it to anyone", _CARE, _TEXTS),
    Rule("FT263", _WARNING, _ALL, texts.no_addresses,
         "replace it by an address at example.com: the model can repeat it to anyone", _CARE,
         _TEXTS),
    Rule("FT265", _WARNING, _ALL, texts.no_mojibake,
         "take the text from its source again; `ftrunner data fix SOURCE TARGET --repair FT265`"
         " mends most of it with ftfy: pip install 'ftrunner[text]'", _CARE, _TEXTS),
    Rule("FT266", _WARNING, _WITH_MESSAGES, turns.null_is_no_text,
         "write null without quotes, or leave content out;"
         " `ftrunner data fix SOURCE TARGET --repair FT266` writes null", _CARE, _TOOLS),
    Rule("FT270", _ERROR, _WITH_MESSAGES - _PREFERENCE, images.images_are_shown_to_the_model,
         "images belong in user messages only", _VISION, _IMAGES),
    Rule("FT271", _ERROR, _WITH_MESSAGES, images.not_too_many,
         "split the example", _VISION, _IMAGES),
    Rule("FT272", _ERROR, _WITH_MESSAGES, images.not_too_big,
         "make the image smaller: the provider leaves it out without a word", _VISION, _IMAGES),
    Rule("FT273", _ERROR, _WITH_MESSAGES, images.types_are_known,
         f"convert it to one of {', '.join(images.TYPES)}", _VISION, _IMAGES),
    Rule("FT274", _ERROR, _WITH_MESSAGES, images.addresses_are_usable,
         "write https://… or data:image/png;base64,…", _VISION, _IMAGES),
    Rule("FT275", None, _WITH_MESSAGES, images.images_are_data,
         "write the image itself: data:image/png;base64,…", "Together data preparation", _IMAGES),
    Rule("FT280", _ERROR, _PREFERENCE, turns.outputs_are_one_answer,
         "only the last answer is compared; put what comes before it into input",
         "OpenAI direct preference optimization guide"),
    Rule("FT281", _WARNING, _PREFERENCE, turns.outputs_differ,
         "remove the line, or write what to avoid", _CARE),
    Rule("FT282", _ERROR, _PREFERENCE | _REINFORCEMENT, turns.input_waits_for_answer,
         "end the conversation with the user's message", "Together and Azure data preparation"),
    Rule("FT283", _ERROR, _PREFERENCE, images.preference_is_text_only,
         "remove the image, or train with method: supervised",
         "OpenAI direct preference optimization guide", _IMAGES),
    Rule("FT284", None, _PREFERENCE, turns.outputs_hold_an_answer,
         "put what comes before the answer into input", _AZURE),
)  # fmt: skip


def at_most(images_: int | None) -> tuple[Rule, ...]:
    """The rules of a provider that takes so many images in an example; None is any number."""
    counted = partial(images.not_too_many, most=images_)
    return tuple(replace(rule, check=counted) if rule.code == "FT271" else rule for rule in RULES)
