"""The base models, and when each shuts down.

Names and dates follow OpenAI's model and deprecation pages as read on 2026-11-22, and the models
that chat the list of the official client (openai-python 3.57.0, `types/shared/chat_model.py`),
without those that had shut down. A date is what `GET /models` reports as `shutdown_date`; `created`
of models after gpt-5 is roughly the day the client first listed them.
"""

from __future__ import annotations

from dataclasses import dataclass

from mockserver.http.access import EVERYONE


@dataclass(frozen=True, slots=True)
class BaseModel:
    id: str
    created: int
    tunable: bool = True
    shutdown_date: str | None = None
    owned_by: str = "system"
    owner: str = EVERYONE

    def labels(self) -> dict[str, str]:
        return {}


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
        BaseModel("gpt-4o", 1715367049, shutdown_date="2027-01-14"),
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
        BaseModel("gpt-5", 1754425777, tunable=False, shutdown_date="2026-12-11"),
        BaseModel("gpt-5-mini", 1754425928, tunable=False, shutdown_date="2026-12-11"),
        BaseModel("gpt-6-astra", 1788393600, tunable=False),
        BaseModel("gpt-6.2-astra", 1794182400, tunable=False),
        BaseModel("gpt-6.1-sol", 1792972800, tunable=False),
        BaseModel("gpt-6.2-sol", 1794182400, tunable=False),
        BaseModel("gpt-6.1-terra", 1792972800, tunable=False),
        BaseModel("gpt-6-sol", 1789430400, tunable=False),
        BaseModel("gpt-6-luna", 1789430400, tunable=False),
        BaseModel("gpt-5.6-sol", 1783555200, tunable=False),
        BaseModel("gpt-5.6-terra", 1783555200, tunable=False),
        BaseModel("gpt-5.6-luna", 1783555200, tunable=False),
        BaseModel("gpt-5.5", 1776902400, tunable=False),
        BaseModel("gpt-5.5-2026-04-23", 1776902400, tunable=False),
        BaseModel("gpt-5.4", 1772668800, tunable=False),
        BaseModel("gpt-5.4-mini", 1773705600, tunable=False),
        BaseModel("gpt-5.4-nano", 1773705600, tunable=False, shutdown_date="2027-04-01"),
        BaseModel("gpt-5.4-mini-2026-03-17", 1773705600, tunable=False),
        BaseModel("gpt-5.4-nano-2026-03-17", 1773705600, tunable=False, shutdown_date="2027-04-01"),
        BaseModel("gpt-5.2", 1765411200, tunable=False),
        BaseModel("gpt-5.2-2025-12-11", 1765411200, tunable=False),
        BaseModel("gpt-5.2-pro", 1765411200, tunable=False),
        BaseModel("gpt-5.2-pro-2025-12-11", 1765411200, tunable=False),
        BaseModel("gpt-5.1", 1762992000, tunable=False, shutdown_date="2027-04-01"),
        BaseModel("gpt-5.1-2025-11-13", 1762992000, tunable=False, shutdown_date="2027-04-01"),
        BaseModel("gpt-5-nano", 1754426384, tunable=False, shutdown_date="2026-12-11"),
        BaseModel("gpt-5-2025-08-07", 1754075360, tunable=False, shutdown_date="2026-12-11"),
        BaseModel("gpt-5-mini-2025-08-07", 1754425867, tunable=False, shutdown_date="2026-12-11"),
        BaseModel("gpt-5-nano-2025-08-07", 1754426303, tunable=False, shutdown_date="2026-12-11"),
        BaseModel("gpt-4.1-nano", 1744321707, shutdown_date="2026-10-23"),
        BaseModel("o4-mini", 1744225351, shutdown_date="2026-10-23"),
        BaseModel("o3", 1744225308, tunable=False, shutdown_date="2026-12-11"),
        BaseModel("o3-2025-04-16", 1744133301, tunable=False, shutdown_date="2026-12-11"),
        BaseModel("mock-judge", 1754425928, tunable=False, owned_by="mockserver"),
    )
}
