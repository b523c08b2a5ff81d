"""`NeverChanges`: the database refuses every change of a row once it is there."""

from typing import Any

from django.db import DEFAULT_DB_ALIAS, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement, Table
from django.db.models.constraints import BaseConstraint

Model = type[models.Model]


class NeverChanges(BaseConstraint):
    """No row is updated. Rows may be added; they go only with the commune.

    A trigger before each update raises an error with the constraint's name. It is deferred SQL, as
    conditional unique constraints are, so that Django makes it again when it remakes a table on SQLite.
    """

    def __init__(self, *, name: str, violation_error_message: Any = None) -> None:
        super().__init__(name=name, violation_error_message=violation_error_message)

    # The methods that Django requires of a constraint

    def constraint_sql(self, model: Model | None, schema_editor: BaseDatabaseSchemaEditor | None) -> str:
        assert model is not None and schema_editor is not None
        schema_editor.deferred_sql.extend(self._statements(model, schema_editor))
        return ""

    def create_sql(self, model: Model | None, schema_editor: BaseDatabaseSchemaEditor | None) -> Any:
        assert model is not None and schema_editor is not None
        if schema_editor.connection.vendor != "postgresql":
            return None  # SQLite remakes the table, with constraint_sql
        function, trigger = self._statements(model, schema_editor)
        return f"{function}; {trigger}"

    def remove_sql(self, model: Model | None, schema_editor: BaseDatabaseSchemaEditor | None) -> Any:
        assert model is not None and schema_editor is not None
        if schema_editor.connection.vendor != "postgresql":
            return None
        return Statement(
            "DROP TRIGGER %(name)s ON %(table)s",
            table=Table(model._meta.db_table, schema_editor.quote_name),
            name=schema_editor.quote_name(self.name),
        )

    def validate(
        self, model: Model, instance: models.Model, exclude: Any = None, using: str = DEFAULT_DB_ALIAS
    ) -> None:
        """What it refuses is an act, not a value."""

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, NeverChanges):
            return NotImplemented
        return (self.name, self.violation_error_message) == (other.name, other.violation_error_message)

    def __hash__(self) -> int:
        return hash(self.name)

    # SQL

    def _statements(self, model: Model, schema_editor: BaseDatabaseSchemaEditor) -> list[Statement]:
        parts = {
            "table": Table(model._meta.db_table, schema_editor.quote_name),
            "name": schema_editor.quote_name(self.name),
            "constraint": self.name,
        }
        if schema_editor.connection.vendor != "postgresql":
            return [
                Statement(
                    "CREATE TRIGGER %(name)s BEFORE UPDATE ON %(table)s FOR EACH ROW "
                    "BEGIN SELECT RAISE(ABORT, '%(constraint)s'); END",
                    **parts,
                )
            ]
        return [
            Statement(
                "CREATE OR REPLACE FUNCTION %(name)s() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                "RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', "
                "MESSAGE = '%(constraint)s', CONSTRAINT = '%(constraint)s'; END $$",
                **parts,
            ),
            Statement(
                "CREATE TRIGGER %(name)s BEFORE UPDATE ON %(table)s FOR EACH ROW EXECUTE FUNCTION %(name)s()",
                **parts,
            ),
        ]
