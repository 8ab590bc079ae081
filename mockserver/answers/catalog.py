"""The base models on offer, and when each stops.

Names and dates follow OpenAI's model and deprecation pages as read on 2026-11-22; a date is
what `GET /models` reports as `shutdown_date`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BaseModel:
    id: str
    created: int
    tunable: bool = True
    shutdown_date: str | None = None
    owned_by: str = "system"


BASE_MODELS: dict[str, BaseModel] = {
    model.id: model
    for model in (
        BaseModel("gpt-3.5-turbo", 1677610602, shutdown_date="2026-10-23"),
        BaseModel("gpt-3.5-turbo-0125", 1706048358, shutdown_date="2026-10-23"),
        BaseModel("gpt-3.5-turbo-0613", 1686587434, shutdown_date="2026-10-23"),
        BaseModel("gpt-3.5-turbo-1106", 1698959748, shutdown_date="2026-10-23"),
        BaseModel("gpt-4-0613", 1686588896, shutdown_date="2026-10-23"),
        BaseModel("babbage-002", 1692634615, shutdown_date="2026-10-23"),
        BaseModel("davinci-002", 1692634301, shutdown_date="2026-10-23"),
        BaseModel("gpt-4o", 1715367049),
        BaseModel("gpt-4o-2024-08-06", 1722814719, shutdown_date="2027-01-14"),
        BaseModel("gpt-4o-2024-11-20", 1739331543, shutdown_date="2027-01-14"),
        BaseModel("gpt-4o-mini", 1721172741, shutdown_date="2027-01-14"),
        BaseModel("gpt-4o-mini-2024-07-18", 1721172717, shutdown_date="2027-01-14"),
        BaseModel("gpt-4.1", 1744316542, shutdown_date="2027-01-14"),
        BaseModel("gpt-4.1-2025-04-14", 1744315746, shutdown_date="2027-01-14"),
        BaseModel("gpt-4.1-mini", 1744318173, shutdown_date="2027-01-14"),
        BaseModel("gpt-4.1-mini-2025-04-14", 1744317547, shutdown_date="2027-01-14"),
        BaseModel("gpt-4.1-nano-2025-04-14", 1744321025, shutdown_date="2026-10-23"),
        BaseModel("o4-mini-2025-04-16", 1744133506, shutdown_date="2026-10-23"),
        BaseModel("gpt-5", 1754425777, tunable=False),
        BaseModel("gpt-5-mini", 1754425928, tunable=False),
        BaseModel("mock-judge", 1754425928, tunable=False, owned_by="mockserver"),
    )
}
