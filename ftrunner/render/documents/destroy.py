"""What a removal would delete, for people and for programs."""

from __future__ import annotations

from typing import Any

from ftrunner.engine.operations.destroy import Removal
from ftrunner.text import printable


def as_text(planned: Removal, *, where: str) -> str:
    """One line for each thing; `where` is the place in a sentence: `at https://…`."""
    lines = [f"{where}:"]
    lines += [f"  delete {r.noun} {r.id}, and with it what it costs" for r in planned.resources]
    lines += [f"  delete model {model}" for model in planned.models]
    lines += [f"  delete file  {file.id} ({file.filename})" for _, file in planned.files]
    lines += [f"  keep   model {model}: ftrunner did not create it" for model in planned.foreign]
    lines += [
        f"  keep   file  {file.id} ({file.filename}): no known run of ftrunner uploaded it"
        for file in planned.foreign_files
    ]
    return "\n".join(map(printable, lines))


def as_fields(planned: Removal, *, endpoint: str) -> dict[str, Any]:
    """The same as a document."""
    return {
        "endpoint": endpoint,
        "resources": [{"noun": r.noun, "id": r.id} for r in planned.resources],
        "models": list(planned.models),
        "files": [file.id for _, file in planned.files],
        "kept": [*planned.foreign, *(file.id for file in planned.foreign_files)],
    }
