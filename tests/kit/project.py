"""A folder with specs and data, and the real command line run in it: here, or as a process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any

import jsonschema_rs

from ftrunner.document import schema
from tests.kit.command_line import run_here

TIMEOUT = 60.0
WARNINGS = "error"

Tree = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command did. Its repr is what a person needs to see when a test fails."""

    command: tuple[str, ...]
    code: int
    out: str
    err: str

    def __repr__(self) -> str:
        shown = " ".join(self.command)
        return f"$ {shown}\nexit {self.code}\n--- stdout\n{self.out}--- stderr\n{self.err}"

    def expect(self, code: int) -> Outcome:
        """This outcome, if the command ended with `code`."""
        assert self.code == code, repr(self)
        return self

    def documents(self) -> list[dict[str, Any]]:
        """The JSON Lines on stdout, each as its schema describes it."""
        documents = [json.loads(line) for line in self.out.splitlines()]
        for document in documents:
            assert wrong_with(document) == [], document
        return documents


def wrong_with(document: Mapping[str, Any]) -> list[str]:
    """Why a document or an event is not as its schema describes it."""
    kind = next((kind for kind in ("document", "event") if kind in document), None)
    return [error.message for error in _validator(kind).iter_errors(document)] if kind else []


@cache
def _validator(kind: str) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(schema.load(kind))


@dataclass(frozen=True, slots=True)
class Project:
    """A folder; `environment` is what its commands see beside the guarded environment."""

    folder: Path
    environment: Mapping[str, str]

    def write(self, tree: Tree) -> None:
        """Write files: text or bytes as they are, anything else as JSON (which is YAML)."""
        for name, content in tree.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(_bytes(content))

    def read(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace text that must be there."""
        text = self.read(name)
        assert old in text, f"{old!r} is not in {name}"
        self.write({name: text.replace(old, new)})

    def lock(self, name: str = "stories.lock.json") -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.read(name))
        return document

    def run(self, *arguments: str, **environment: str) -> Outcome:
        """`ftrunner ARGUMENTS`, to its end, in this process."""
        ended = run_here(
            arguments,
            folder=self.folder,
            environment=self._environment(environment),
            timeout=TIMEOUT,
        )
        return Outcome(("ftrunner", *arguments), *ended)

    def run_process(self, *arguments: str, timeout: float = TIMEOUT, **environment: str) -> Outcome:
        """The same as a process, which truly waits: where a process is what is tested."""
        command = (sys.executable, "-m", "ftrunner", *arguments)
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self._environment(environment),
            capture_output=True,
            encoding="utf-8",
            timeout=timeout,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        return Outcome(("ftrunner", *arguments), done.returncode, done.stdout, done.stderr)

    @contextmanager
    def start(
        self, *arguments: str, stdout: IO[str] | int = subprocess.PIPE, **environment: str
    ) -> Iterator[subprocess.Popen[str]]:
        """`ftrunner ARGUMENTS`, running during the block and killed after it."""
        with subprocess.Popen(
            (sys.executable, "-m", "ftrunner", *arguments),
            cwd=self.folder,
            env=self._environment(environment),
            stdout=stdout,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            encoding="utf-8",
        ) as process:
            try:
                yield process
            finally:
                if process.poll() is None:
                    process.send_signal(signal.SIGKILL)

    def _environment(self, extra: Mapping[str, str]) -> dict[str, str]:
        return {**os.environ, "PYTHONWARNINGS": WARNINGS, **self.environment, **extra}


def _bytes(content: Any) -> bytes:
    if isinstance(content, bytes):
        return content
    return (
        content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    ).encode()


def finish(process: subprocess.Popen[str], arguments: Sequence[str]) -> Outcome:
    """The outcome of a started command, once it ends."""
    out, err = process.communicate(timeout=TIMEOUT)
    return Outcome(("ftrunner", *arguments), process.returncode, out, err)
