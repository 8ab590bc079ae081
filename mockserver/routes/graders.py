"""`/fine_tuning/alpha/graders`: run and validate."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from mockserver.answers.formula import FormulaError
from mockserver.answers.grading import Ask, GraderRun, UnknownVariableError, grade, variables_for
from mockserver.answers.models import answers
from mockserver.http import respond
from mockserver.http.access import owner_of
from mockserver.http.body import read_as
from mockserver.http.errors import bad_request
from mockserver.provider import Provider
from mockserver.rules.chat import ChatRequest
from mockserver.rules.graders import ScoreModel, read_grader

_ERRORS: dict[str, Any] = {
    "formula_parse_error": False,
    "sample_parse_error": False,
    "truncated_observation_error": False,
    "unresponsive_reward_error": False,
    "invalid_variable_error": False,
    "other_error": False,
    "python_grader_server_error": False,
    "python_grader_server_error_type": None,
    "python_grader_runtime_error": False,
    "python_grader_runtime_error_details": None,
    "model_grader_server_error": False,
    "model_grader_refusal_error": False,
    "model_grader_parse_error": False,
    "model_grader_server_error_details": None,
}


class RunGrader(msgspec.Struct, forbid_unknown_fields=True):
    grader: dict[str, Any]
    model_sample: str
    item: dict[str, Any] | None = None


class ValidateGrader(msgspec.Struct, forbid_unknown_fields=True):
    grader: dict[str, Any]


class Graders:
    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    async def run(self, request: Request) -> Response:
        asked = await read_as(request, RunGrader)
        grader = read_grader(asked.grader)
        variables = variables_for(asked.model_sample, asked.item)
        errors, found = dict(_ERRORS), GraderRun(0.0)
        try:
            found = await grade(grader, variables, self._asker(owner_of(request)))
        except UnknownVariableError:
            errors["invalid_variable_error"] = True
        except FormulaError:
            errors["formula_parse_error"] = True
        used = sum(found.tokens.values()) if found.tokens else None
        model = grader.model if isinstance(grader, ScoreModel) else None
        return respond.document(
            {
                "reward": found.reward,
                "metadata": {
                    "name": grader.name,
                    "type": asked.grader["type"],
                    "errors": errors,
                    "execution_time": 0.0,
                    "scores": found.parts,
                    "token_usage": used,
                    "sampled_model_name": model,
                },
                "sub_rewards": found.parts,
                "model_grader_token_usage_per_model": found.tokens,
            }
        )

    async def validate(self, request: Request) -> Response:
        asked = await read_as(request, ValidateGrader)
        read_grader(asked.grader)
        return respond.document({"grader": asked.grader})

    def _asker(self, owner: str) -> Ask:
        async def ask(model: str, messages: list[dict[str, Any]]) -> tuple[str, int]:
            if not messages:
                raise bad_request("A score_model grader needs input messages.", param="grader")
            asked = ChatRequest(model=model, messages=messages)
            answer = (await answers(self._provider, asked, owner))[0]
            text = str(answer.get("content") or "")
            tokens = self._provider.usage_tokens
            return text, tokens.messages(messages, model) + tokens.text(text, model)

        return ask
