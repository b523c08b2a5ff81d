"""`NoOverlap`: the database refuses two live appointments at one time on one cabin or helper."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement, Table
from django.db.models.constraints import BaseConstraint

from booking.enums import LIVE

Model = type[models.Model]


class NoOverlap(BaseConstraint):
    """No two live appointments with the same `resource` (a nullable foreign key) share an instant of
    `[starts_at, blocked_until)`; touching is not overlapping.

    PostgreSQL: an exclusion constraint over `tstzrange`. SQLite: triggers before insert and before update
    that abort with the constraint's name. They are deferred SQL, as conditional unique constraints are, so
    that Django makes them again when it remakes the table.
    """

    def __init__(self, *, name: str, resource: str, violation_error_message: Any = None) -> None:
        super().__init__(name=name, violation_error_message=violation_error_message)
        self.resource = resource

    # The methods that Django requires of a constraint

    def constraint_sql(self, model: Model | None, schema_editor: BaseDatabaseSchemaEditor | None) -> str:
        assert model is not None and schema_editor is not None
        if schema_editor.connection.vendor == "postgresql":
            return f"CONSTRAINT {schema_editor.quote_name(self.name)} {self._exclusion(model, schema_editor)}"
        schema_editor.deferred_sql.extend(self._triggers(model, schema_editor))
        return ""

    def create_sql(self, model: Model | None, schema_editor: BaseDatabaseSchemaEditor | None) -> Any:
        assert model is not None and schema_editor is not None
        if schema_editor.connection.vendor != "postgresql":
            return None  # SQLite remakes the table, with constraint_sql
        return Statement(
            "ALTER TABLE %(table)s ADD CONSTRAINT %(name)s %(exclusion)s",
            table=Table(model._meta.db_table, schema_editor.quote_name),
            name=schema_editor.quote_name(self.name),
            exclusion=self._exclusion(model, schema_editor),
        )

    def remove_sql(self, model: Model | None, schema_editor: BaseDatabaseSchemaEditor | None) -> Any:
        assert model is not None and schema_editor is not None
        if schema_editor.connection.vendor != "postgresql":
            return None
        return Statement(
            "ALTER TABLE %(table)s DROP CONSTRAINT %(name)s",
            table=Table(model._meta.db_table, schema_editor.quote_name),
            name=schema_editor.quote_name(self.name),
        )

    def validate(
        self,
        model: Model,
        instance: models.Model,
        exclude: Any = None,
        using: str = DEFAULT_DB_ALIAS,
    ) -> None:
        values = {
            field: getattr(instance, field)
            for field in (f"{self.resource}_id", "status", "starts_at", "blocked_until")
        }
        if values["status"] not in LIVE or None in values.values():
            return
        rivals = model._default_manager.using(using).filter(
            **{f"{self.resource}_id": values[f"{self.resource}_id"]},
            status__in=LIVE,
            starts_at__lt=values["blocked_until"],
            blocked_until__gt=values["starts_at"],
        )
        if instance.pk is not None:
            rivals = rivals.exclude(pk=instance.pk)
        if rivals.exists():
            raise ValidationError(self.get_violation_error_message(), code=self.violation_error_code)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, NoOverlap):
            return NotImplemented
        return (self.name, self.resource, self.violation_error_message) == (
            other.name,
            other.resource,
            other.violation_error_message,
        )

    def __hash__(self) -> int:
        return hash((self.name, self.resource))

    def deconstruct(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        path, args, kwargs = super().deconstruct()
        return path, tuple(args), {**kwargs, "resource": self.resource}

    # SQL

    def _columns(self, model: Model, schema_editor: BaseDatabaseSchemaEditor) -> dict[str, str]:
        def column(field: str) -> str:
            target = model._meta.get_field(field)
            assert isinstance(target, models.Field)
            return schema_editor.quote_name(str(target.get_attname_column()[1]))

        return {
            "resource": column(self.resource),
            "starts": column("starts_at"),
            "until": column("blocked_until"),
            "status": column("status"),
            "live": ", ".join(f"'{status.value}'" for status in LIVE),
        }

    def _exclusion(self, model: Model, schema_editor: BaseDatabaseSchemaEditor) -> str:
        return (
            "EXCLUDE USING gist ({resource} WITH =, tstzrange({starts}, {until}, '[)') WITH &&) "
            "WHERE ({resource} IS NOT NULL AND {status} IN ({live}))"
        ).format_map(self._columns(model, schema_editor))

    def _triggers(self, model: Model, schema_editor: BaseDatabaseSchemaEditor) -> list[Statement]:
        columns = self._columns(model, schema_editor)
        pk = schema_editor.quote_name(str(model._meta.pk.column))
        watched = "{resource}, {starts}, {until}, {status}".format_map(columns)
        template = (
            "CREATE TRIGGER %(name)s BEFORE %(event)s ON %(table)s FOR EACH ROW "
            "WHEN NEW.%(resource)s IS NOT NULL AND NEW.%(status)s IN (%(live)s) "
            "BEGIN SELECT RAISE(ABORT, '%(constraint)s') WHERE EXISTS ("
            "SELECT 1 FROM %(table)s AS rival WHERE rival.%(resource)s = NEW.%(resource)s "
            "AND rival.%(status)s IN (%(live)s) AND rival.%(starts)s < NEW.%(until)s "
            "AND rival.%(until)s > NEW.%(starts)s AND rival.%(pk)s IS NOT NEW.%(pk)s); END"
        )
        return [
            Statement(
                template,
                table=Table(model._meta.db_table, schema_editor.quote_name),
                name=schema_editor.quote_name(f"{self.name}_{suffix}"),
                event=event,
                constraint=self.name,
                pk=pk,
                **columns,
            )
            for suffix, event in (("insert", "INSERT"), ("update", f"UPDATE OF {watched}"))
        ]
