"""Every column is declared in the register, and the purge keeps what the register promises."""

from pathlib import Path

from django.apps import apps

from privacy.register import REGISTER, Goes, markdown

PRIVACY_PAGE = Path(__file__).resolve().parents[2] / "docs" / "privacy.md"


def columns_of_the_database() -> dict[str, set[str]]:
    return {
        model._meta.label: {field.name for field in model._meta.concrete_fields}
        for model in apps.get_models(include_auto_created=True)
    }


def test_every_column_of_every_table_is_declared():
    declared = {table.name: set(table.columns) for table in REGISTER}
    assert declared == columns_of_the_database()


def test_no_column_is_declared_twice():
    twice = {
        f"{table.name}.{column}"
        for table in REGISTER
        for column in table.columns
        if table.columns.count(column) > 1
    }
    assert twice == set()
    assert len({table.name for table in REGISTER}) == len(REGISTER)


def test_whatever_is_about_a_resident_goes():
    forever = {
        table.name for table in REGISTER if table.resident and table.goes in (Goes.STAYS, Goes.ACCOUNT)
    }
    assert forever == set()


def test_the_privacy_page_shows_the_register():
    shown = "\n".join(markdown()) in PRIVACY_PAGE.read_text(encoding="utf-8")
    assert shown, "python -m scripts.privacy_page writes it again"
