"""Tables of rights and how they were met."""

from privacy.register.table import Goes, RegisteredTable

TABLES = (
    RegisteredTable(
        "privacy.RightsRequest",
        "what residents asked for about their data, until when, and what was done: the proof, in numbers",
        Goes.REQUESTS,
        resident="resident right came_by asked_on",
        agent="opened_by closed_by opened_at closed_at",
        other="id commune due_on is_extended state refusal proof",
    ),
)
