"""What docs/install-debian.md and docs/restore.md name exists; proxies read their examples."""

import re
import shutil
import subprocess
from pathlib import Path

import polib
import pytest
from django.core.management import get_commands, load_command_class

from scripts.installation.pages import shell_blocks
from scripts.installation.units import read_environment, read_unit
from tests.config.test_readme import ROOT

PAGES = [ROOT / "docs" / "install-debian.md", ROOT / "docs" / "restore.md"]
OPERATION = ROOT / "docs" / "operation.md"
DEPLOY = ROOT / "deploy"
OF_COPY_DATABASE = {"NEW_DATABASE_URL"}


def text_of_pages() -> str:
    return "".join(page.read_text(encoding="utf-8") for page in PAGES)


def blocks() -> list[str]:
    return [block for page in PAGES for block in shell_blocks(page.read_text(encoding="utf-8"))]


def settings_named_in_the_readme() -> set[str]:
    return set(re.findall(r"`([A-Z][A-Z_]+)`", (ROOT / "README.md").read_text(encoding="utf-8")))


def test_every_management_command_of_the_pages_exists():
    written = re.compile(r"^(?: *)permanence (\w+)|`(?:permanence|manage\.py) (\w+)", re.MULTILINE)
    named = set(written.findall(text_of_pages()))
    commands = {first or second for first, second in named}
    assert len(commands) > 8
    assert commands - {"COMMAND"} <= set(get_commands())


def test_every_option_of_a_management_command_exists():
    for line in re.findall(r"^permanence (.+)$", "".join(blocks()), re.MULTILINE):
        name, *words = line.split()
        parser = load_command_class(get_commands()[name], name).create_parser("permanence", name)
        for option in (word for word in words if word.startswith("--")):
            assert option in parser.format_help(), line


def test_what_the_pages_quote_of_the_product_stands_there():
    """« … » are texts of pages in French, or the heading of another part."""
    catalogue = polib.pofile(str(ROOT / "locale" / "fr" / "LC_MESSAGES" / "django.po"))
    shown = " ".join([*(each.msgstr for each in catalogue), *headings()]).replace("\N{NO-BREAK SPACE}", " ")
    text = " ".join((text_of_pages() + OPERATION.read_text(encoding="utf-8")).split())
    quoted = set(re.findall(r"« (\w[^»]+) »", text.replace("\N{NO-BREAK SPACE}", " ")))
    assert len(quoted) > 5
    assert {each for each in quoted if each not in shown} == set()


def headings() -> list[str]:
    pages = [*PAGES, OPERATION, ROOT / "README.md"]
    return [each for page in pages for each in re.findall(r"^#+ (.+)", page.read_text("utf-8"), re.MULTILINE)]


def test_every_file_of_deploy_exists():
    named = set(re.findall(r"(?:/opt/permanence/)?deploy/([\w.-]*\w)", text_of_pages()))
    named |= set(re.findall(r"permanence-\w+\.(?:service|timer)", text_of_pages()))
    assert len(named) > 6
    assert {name for name in named if not (DEPLOY / name).exists()} == set()


def test_every_setting_exists():
    names = set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", text_of_pages()))
    names |= set(read_environment(DEPLOY / "permanence.env"))
    template = (DEPLOY / "permanence.env").read_text(encoding="utf-8")
    names |= set(re.findall(r"^#([A-Z_]+)=", template, re.MULTILINE))
    assert {name.removesuffix("_FILE") for name in names} - OF_COPY_DATABASE <= settings_named_in_the_readme()


def test_secrets_of_the_settings_are_made_by_the_page():
    """A file that the settings name but nobody made would keep everything from starting."""
    made = set(re.findall(r"/dev/null (\w+)$", "".join(blocks()), re.MULTILINE))
    text = (DEPLOY / "permanence.env").read_text(encoding="utf-8")
    assert set(re.findall(r"_FILE=/etc/permanence/(\w+)$", text, re.MULTILINE)) == made


def test_the_service_and_its_command_take_the_same_user_and_settings():
    command = (DEPLOY / "permanence").read_text(encoding="utf-8")
    for name in ("web", "worker", "backup"):
        unit = read_unit(DEPLOY / f"permanence-{name}.service")
        assert f". {unit.last('EnvironmentFile')}" in command
        assert f"cd {unit.last('WorkingDirectory')}" in command
        assert f"runuser -u {unit.last('User')} --" in command


SECRET_ADDRESSES = ("/invitation/", "/compte/adresse/", "/connexion/mot-de-passe/", "/agendas/")


def test_every_address_with_a_token_is_kept_out_of_the_log():
    from django.urls import URLPattern, URLResolver, get_resolver

    def routes(resolver: URLResolver, before: str = "") -> list[str]:
        found = []
        for each in resolver.url_patterns:
            path = before + str(each.pattern)
            found += [path] if isinstance(each, URLPattern) else routes(each, path)
        return found

    secret = {f"/{route}" for route in routes(get_resolver()) if "token>" in route}
    assert secret
    assert {each for each in secret if not each.startswith(SECRET_ADDRESSES)} == set()
    nginx = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    assert set(re.findall(r"~\^(\S+) 0;", nginx)) == set(SECRET_ADDRESSES)
    assert all(f"`{each}`" in text_of_pages() for each in SECRET_ADDRESSES)


def test_streams_are_not_held_back():
    from django.urls import reverse

    streams = {reverse("screen-stream"), reverse("sites-stream")}
    (location,) = re.findall(
        r"location ~ (\S+) \{[^}]*proxy_buffering off", (DEPLOY / "nginx.conf").read_text()
    )
    assert all(re.search(location, stream) for stream in streams)
    assert all(stream in (DEPLOY / "Caddyfile").read_text(encoding="utf-8") for stream in streams)


@pytest.mark.skipif(shutil.which("nginx", path="/usr/sbin:/usr/bin") is None, reason="nginx is not installed")
def test_nginx_reads_its_example(tmp_path: Path) -> None:
    key, certificate = tmp_path / "privkey.pem", tmp_path / "fullchain.pem"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=permanence.exemple.fr"]
    subprocess.run([*make, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    text = text.replace("/etc/letsencrypt/live/permanence.exemple.fr", str(tmp_path))
    text = text.replace("/var/log/nginx", str(tmp_path)).replace("[::]:", "127.0.0.1:1")
    text = text.replace("listen 80;", "listen 127.0.0.1:8180;").replace(
        "listen 443 ssl", "listen 127.0.0.1:8443 ssl"
    )
    (tmp_path / "site.conf").write_text(text, encoding="utf-8")
    whole = f"pid {tmp_path}/pid; events {{}} http {{ include {tmp_path}/site.conf; }}"
    (tmp_path / "nginx.conf").write_text(whole, encoding="utf-8")
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin")
    command = [str(program), "-t", "-q", "-e", "stderr", "-c", str(tmp_path / "nginx.conf")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(shutil.which("caddy") is None, reason="Caddy is not installed")
def test_caddy_reads_its_example(tmp_path: Path) -> None:
    command = ["caddy", "adapt", "--adapter", "caddyfile", "--config", str(DEPLOY / "Caddyfile")]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={"HOME": str(tmp_path), "PATH": "/usr/bin"}
    )
    assert done.returncode == 0, done.stderr
    assert '"flush_interval":-1' in done.stdout
