"""Since 1.0.0 migrations are only added: an installation has run the earlier ones as they were."""

from scripts import released_migrations


def test_no_released_migration_changes():
    assert len(released_migrations.released()) > 20
    assert released_migrations.changed() == [], "write another migration; these have run somewhere"


def test_a_changed_or_lost_one_is_seen(tmp_path, monkeypatch):
    listed = tmp_path / "released.sha256"
    path, checksum = next(iter(released_migrations.present().items()))
    listed.write_text(f"{checksum}  {path}\n{checksum}  core/migrations/0001_lost.py\n", encoding="ascii")
    monkeypatch.setattr(released_migrations, "LIST", listed)
    assert released_migrations.changed() == ["core/migrations/0001_lost.py"]
    listed.write_text(f"{'0' * 64}  {path}\n", encoding="ascii")
    assert released_migrations.changed() == [path]


def test_new_ones_are_added_by_the_script(tmp_path, monkeypatch):
    monkeypatch.setattr(released_migrations, "LIST", tmp_path / "released.sha256")
    released_migrations.main()
    assert released_migrations.released() == released_migrations.present()
