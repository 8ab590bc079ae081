"""The fixture `ft_mock`: a mock provider for one test."""

from __future__ import annotations
