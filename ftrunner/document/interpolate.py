"""References in values: `${env:NAME}`, `${var:NAME}`, `${env:NAME:-default}`; `$${` is `${`.

Values of `--var` may refer on, to variables and to the environment; what the environment holds
is taken as it is. Nothing is evaluated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ftrunner.text import did_you_mean

MAX_LENGTH = 1_000_000

_MARKER = re.compile(r"\$\$\{|\$\{(?P<body>[^{}]*)\}|\$\{")
_BODY = re.compile(
    r"(?P<kind>env|var):(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>.*))?", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a reference has no value."""

    code: str
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Expansion:
    """A text with its references replaced; `given` is what the environment gave for parts of it."""

    text: str
    given: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()

    @property
    def is_secret(self) -> bool:
        """Whether the environment gave a part of it, be it an empty one."""
        return bool(self.given)


@dataclass(frozen=True, slots=True)
class Interpolator:
    """Expands texts against one environment and one set of variables, each variable once."""

    environment: Mapping[str, str]
    variables: Mapping[str, str]
    _expanded: dict[str, Expansion] = field(default_factory=dict)

    def expand(self, text: str, trail: tuple[str, ...] = ()) -> Expansion:
        """`text` with its references replaced. `trail` names the variables being expanded."""
        if "${" not in text:
            return Expansion(text)
        pieces = tuple(self._pieces(text, trail))
        whole = Expansion(
            "".join(piece.text for piece in pieces),
            tuple(dict.fromkeys(given for piece in pieces for given in piece.given)),
            tuple(dict.fromkeys(fault for piece in pieces for fault in piece.faults)),
        )
        if len(whole.text) > MAX_LENGTH:
            return _failed("FT115", f"the text grows over {MAX_LENGTH:,} characters", "")
        return whole

    def _pieces(self, text: str, trail: tuple[str, ...]) -> Iterator[Expansion]:
        end = 0
        for match in _MARKER.finditer(text):
            yield Expansion(text[end : match.start()])
            yield Expansion("${") if match[0] == "$${" else self._reference(match, trail)
            end = match.end()
        yield Expansion(text[end:])

    def _reference(self, match: re.Match[str], trail: tuple[str, ...]) -> Expansion:
        body = None if match["body"] is None else _BODY.fullmatch(match["body"])
        if body is None:
            return _malformed(match)
        if body["kind"] == "env":
            return self._from_environment(body["name"], body["default"])
        return self._from_variables(body["name"], body["default"], trail)

    def _from_environment(self, name: str, default: str | None) -> Expansion:
        value = self.environment.get(name)
        if value:
            return Expansion(value, (value,)) if _is_encodable(value) else _undecodable(name)
        if default is not None:
            return Expansion(default)
        if value is not None:
            return Expansion("", ("",))
        message = f"the environment variable {name} is not set"
        near = did_you_mean(name, self.environment)
        hint = f"set it, or give a default: ${{env:{name}:-value}}"
        return _failed("FT116", message + near, hint)

    def _from_variables(self, name: str, default: str | None, trail: tuple[str, ...]) -> Expansion:
        if name in trail:
            cycle = " → ".join((*trail[trail.index(name) :], name))
            hint = "give one of them its own value"
            return _failed("FT118", f"variables refer to each other in a circle: {cycle}", hint)
        if not self.variables.get(name):
            return self._unset_variable(name, default)
        if name not in self._expanded:
            self._expanded[name] = self._variable(name, (*trail, name))
        return self._expanded[name]

    def _variable(self, name: str, trail: tuple[str, ...]) -> Expansion:
        value = self.variables[name]
        return self.expand(value, trail) if _is_encodable(value) else _undecodable(name)

    def _unset_variable(self, name: str, default: str | None) -> Expansion:
        if default is not None:
            return Expansion(default)
        if name in self.variables:
            return Expansion("")
        near = did_you_mean(name, self.variables)
        hint = f"pass --var {name}=VALUE, or give a default: ${{var:{name}:-value}}"
        return _failed("FT117", f"the variable {name} has no value{near}", hint)


def _malformed(match: re.Match[str]) -> Expansion:
    body = match["body"]
    if body is None:
        message = "the reference ${ is not closed, or holds another one"
    else:
        message = f"${{{body}}} is not a reference"
    hint = "write ${env:NAME}, ${var:NAME} or ${env:NAME:-default}; $${ is ${ itself"
    return _failed("FT115", message, hint)


def _undecodable(name: str) -> Expansion:
    return _failed("FT116", f"the value of {name} is not UTF-8 text", "set it to plain text")


def _is_encodable(value: str) -> bool:
    """Whether the value's bytes were UTF-8; Python keeps others as lone surrogates."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _failed(code: str, message: str, hint: str) -> Expansion:
    return Expansion("", faults=(Fault(code, message, hint),))
