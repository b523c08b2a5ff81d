"""Communes, their places with cabins, services and closures, faults, and the keys of the API."""

from communes.models.changes import (
    SetupChange,
    setup_change_kind_choices,
)
from communes.models.commune import (
    ApiKey,
    Commune,
    languages_besides_french,
)
from communes.models.incidents import (
    Incident,
    IncidentStep,
)
from communes.models.places import (
    Cabin,
    CabinQuerySet,
    Closure,
    Site,
    closure_reason_choices,
    wheelchair_choices,
)
from communes.models.services import (
    Service,
    ServiceQuerySet,
    booker_choices,
    helper_policy_choices,
    theme_choices,
)

__all__ = [
    "ApiKey",
    "Cabin",
    "CabinQuerySet",
    "Closure",
    "Commune",
    "Incident",
    "IncidentStep",
    "Service",
    "ServiceQuerySet",
    "SetupChange",
    "Site",
    "booker_choices",
    "closure_reason_choices",
    "helper_policy_choices",
    "languages_besides_french",
    "setup_change_kind_choices",
    "theme_choices",
    "wheelchair_choices",
]
