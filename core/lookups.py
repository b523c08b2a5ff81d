"""Numbers that no column can hold find nothing, instead of breaking the statement.

Django knows this of `pk=`, but not of `pk__in=` and of relations (`site=`, `site__in=`), and SQLite raises
OverflowError when it is given such a number. An id in a form or an address can have any number of digits.
"""

from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import ForeignObject, IntegerField
from django.db.models.fields.related_lookups import RelatedExact, RelatedIn
from django.db.models.lookups import In

_LEAST, _MOST = -(2**63), 2**63 - 1
"""What the largest integer column of both databases holds."""


def fits(value: object) -> bool:
    return not isinstance(value, int) or _LEAST <= value <= _MOST


class _InRange(In):
    def get_prep_lookup(self) -> Any:
        given = super().get_prep_lookup()
        return [each for each in given if fits(each)] if self.rhs_is_direct_value() else given


class IntegerIn(_InRange):
    """`pk__in=[…]`, of the numbers that fit."""


class RelationIn(_InRange, RelatedIn):
    """`site__in=[…]`, of the numbers that fit."""


class RelationExact(RelatedExact):
    """`site=…`."""

    def process_rhs(self, *args: Any) -> Any:
        if not fits(self.rhs):
            raise EmptyResultSet
        return super().process_rhs(*args)


def register() -> None:
    IntegerField.register_lookup(IntegerIn)
    ForeignObject.register_lookup(RelationIn)
    ForeignObject.register_lookup(RelationExact)
