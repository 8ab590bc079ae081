"""Together AI: `/fine-tunes`, files that are announced before the upload, endpoints."""

from __future__ import annotations

from mockserver.dialects.together.jobs import Together

DIALECT = Together
