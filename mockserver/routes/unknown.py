"""Requests without a route: a 404 with the most similar routes, or a 405."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import Route

from mockserver.http.errors import WireError

_PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")


def unknown_url(request: Request, error: HTTPException, routes: Iterable[Route]) -> WireError:
    """The error for an unknown path or method."""
    path = request.url.path
    text = f"Invalid URL ({request.method} {path[:200]})"
    if error.status_code == 405:
        allowed = ", ".join(sorted(_methods(path, routes)))
        return WireError(
            405,
            f"Not allowed to {request.method} on {path[:200]}; allowed: {allowed}.",
            headers={"allow": allowed},  # starlette lists only the methods of one route
        )
    nearest = ", ".join(nearest_routes(request.method, path, routes))
    return WireError(404, f"{text}. The nearest routes are: {nearest}.")


def nearest_routes(method: str, path: str, routes: Iterable[Route]) -> list[str]:
    """The routes most similar to this request, best first."""
    known = {
        f"{verb} /v1{_without_types(route.path)}"
        for route in routes
        for verb in (route.methods or ())
        if verb != "HEAD" and not route.path.startswith("/_mock")
    }
    asked = f"{method} /v1{path[:200]}"
    return difflib.get_close_matches(asked, sorted(known), n=3, cutoff=0.0)


def _without_types(path: str) -> str:
    return _PARAMETER.sub(r"{\1}", path)


def _methods(path: str, routes: Iterable[Route]) -> set[str]:
    return {
        method
        for route in routes
        if route.path_regex.match(path)
        for method in (route.methods or ())
    }
