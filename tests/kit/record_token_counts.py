"""Records what tiktoken counts for the texts in `tests/cases/tokens/`: `counts.json` beside them.

    pip install tiktoken && python -m tests.kit.record_token_counts

is for when a text is added or changed. tiktoken wants its vocabularies from the internet; without
one, put them into a folder and name it in TIKTOKEN_CACHE_DIR, each as a file whose name is the sha1
of its address (`tiktoken/load.py`). Wherever they came from, tiktoken refuses one whose sha256 is
not the one it expects; the file records them too. Nothing else needs tiktoken.
"""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "cases" / "tokens"
COUNTS = FOLDER / "counts.json"
ENCODINGS = ("cl100k_base", "o200k_base")


def texts() -> dict[str, str]:
    """The texts by the names of their files, byte for byte."""
    return {path.stem: path.read_bytes().decode() for path in sorted(FOLDER.glob("*.txt"))}


def main() -> None:
    """Write `counts.json` again."""
    import tiktoken  # only for who records

    encodings = {name: tiktoken.get_encoding(name) for name in ENCODINGS}
    cases = {
        name: {encoding: _counts(encodings[encoding], text) for encoding in ENCODINGS}
        for name, text in texts().items()
    }
    document = {
        "made by": f"tiktoken {tiktoken.__version__}, `python -m tests.kit.record_token_counts`",
        "sha256 of the vocabularies": {name: _sha256(encodings[name]) for name in ENCODINGS},
        "ordinary": "encode(text, disallowed_special=()): special tokens are ordinary text",
        "special": 'encode(text, allowed_special="all"): each special token is one token',
        "cases": cases,
    }
    COUNTS.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def _counts(encoding: Any, text: str) -> dict[str, int]:
    return {
        "ordinary": len(encoding.encode(text, disallowed_special=())),
        "special": len(encoding.encode(text, allowed_special="all")),
    }


def _sha256(encoding: Any) -> str:
    """The hash of the vocabulary as its published file has it: a token and its rank a line."""
    ranks = sorted(encoding._mergeable_ranks.items(), key=lambda item: item[1])
    lines = (base64.b64encode(token) + b" %d\n" % rank for token, rank in ranks)
    return hashlib.sha256(b"".join(lines)).hexdigest()


if __name__ == "__main__":
    main()
