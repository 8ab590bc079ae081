"""The dialects: each module of this folder is one, and its name is the dialect's.

A module sets `DIALECT` to its class, which declares the base path and the rules for training
data. Nothing else has to change for a new dialect. Each is written from its provider's
documents, independently of the runner's profiles.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockserver.adapter.dialect import Dialect

OPENAI = "openai"
NAMES = tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def find_dialect(name: str) -> type[Dialect]:
    """The class of a dialect; its module is imported now, because it loads the web framework.

    Raises:
        KeyError: there is no dialect with this name.
    """
    if name not in NAMES:
        raise KeyError(name)
    found: type[Dialect] = import_module(f"{__name__}.{name}").DIALECT
    return found
