"""The dialects there are, and where a client's base URL ends in each."""

from __future__ import annotations

OPENAI = "openai"
_BASE_PATHS = {
    OPENAI: "/v1",
    "azure": "/openai/v1",
    "nebius": "/v1",
    "together": "/v1",
    "llmariner": "/v1",
    "zhipu": "/api/paas/v4",
}
NAMES = tuple(_BASE_PATHS)


def base_path(dialect: str) -> str:
    """Raises KeyError for a dialect that there is not."""
    return _BASE_PATHS[dialect]
