"""What validation says about the lines of a training file, in the service's words.

It names the example and stops at the first fault, as the real service does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MIN_EXAMPLES = 10
"""OpenAI's guide on supervised fine-tuning."""
ROLES = ("system", "user", "assistant", "tool", "function", "developer")


class InvalidFileError(Exception):
    """The first fault of a file; `code` is the job's `error.code`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def check_number(examples: int) -> None:
    if examples < MIN_EXAMPLES:
        raise InvalidFileError(
            "invalid_n_examples",
            f"Training file has {examples} example(s), but must have at least "
            f"{MIN_EXAMPLES} examples",
        )


def check_example(example: Any, number: int, method: str) -> None:
    if not isinstance(example, Mapping):
        raise _invalid(number, "must be a JSON object")
    if method != "dpo" and "messages" not in example:
        raise _invalid(number, 'is missing key "messages"')


def _invalid(number: int, fault: str) -> InvalidFileError:
    return InvalidFileError(
        "invalid_training_file",
        f"The job failed due to an invalid training file. Example {number} {fault}",
    )
