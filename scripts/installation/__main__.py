"""Run docs/install-debian.md and docs/restore.md in an empty Debian root: `make test-install`, as root.

Each block that is marked `sh` is run as it stands, with the three substitutions of substitutes.py; between
them the installation is used as people do. SUITE=bookworm tries Debian 12, which first builds its Python.
The log is var/test-install-SUITE.log; what was made is removed (KEEP=1 leaves the root).
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from scripts.installation import substitutes
from scripts.installation.pages import shell_blocks
from scripts.installation.root import HERE, Root

WITH_NETWORK = ("apt-get ", "make -C /opt/permanence base")
SUITE = os.environ.get("SUITE") or "trixie"
LOG = HERE / "var" / f"test-install-{SUITE}.log"
BACKUPS = "/var/lib/permanence/backups"
PLACES = """\
id,nom,commune,code_postal,code_insee,adresse,telephone,horaires
p-1,Mairie,Le Petit-Quevilly,76140,76498,Place Henri Barbusse,02 61 91 00 00,"Mo-Fr 09:00-12:00; PH off"
"""
SECRETS = "".join(
    f"curl --silent --output /dev/null https://permanence.exemple.fr{path}\n"
    for path in (
        "/invitation/un-secret/",
        "/compte/adresse/un-secret/",
        "/connexion/mot-de-passe/MQ/un-secret/",
        "/agendas/un-secret.ics",
        "/rendez-vous/recherche/?q=un-secret",
    )
)
EMPTIED = """\
systemctl stop permanence-web permanence-worker
cd /
runuser -u postgres -- dropdb permanence
runuser -u postgres -- dropuser permanence
"""
ON_SQLITE = f"""\
{EMPTIED}
sed -i 's/^DATABASE_URL/#DATABASE_URL/' /etc/permanence/permanence.env
permanence migrate --verbosity 0
permanence create_commune 76498
"""


class Trial:
    def __init__(self, root: Root) -> None:
        self.root = root
        self.began = time.monotonic()

    def say(self, text: str) -> None:
        line = f"[{time.monotonic() - self.began:4.0f} s] {text}"
        print(line, flush=True)
        with LOG.open("a", encoding="utf-8") as log:
            log.write(f"\n==== {line}\n")

    def block(self, text: str) -> str:
        self.say("$ " + text.strip().replace("\n", "\n         $ "))
        network = any(word in text for word in WITH_NETWORK)
        printed = self.root.run(text, network=network)
        if "apt-get " in text:
            substitutes.after_packages(self.root)
        return printed

    def visit(self, password: str = "") -> None:
        for line in self.root.visit(password).splitlines():
            self.say(line)

    def expect(self, told: bool, what: str) -> None:
        if not told:
            raise SystemExit(f"Not so: {what}")
        self.say(what)


def install(trial: Trial, blocks: list[str]) -> None:
    """Everything before « Upgrade »."""
    password = ""
    for block in blocks:
        printed = trial.block(block)
        if "permanence create_agent" in block:
            password = printed.split()[-1]
        if "permanence doctor" in block:
            trial.expect("✗" not in printed, "doctor: nothing is bad")
            trial.expect("EMAIL_URL" in printed, "doctor: says that no mail server is set")
    backups = list(trial.root.path(BACKUPS).glob("*.tar"))
    trial.expect(len(backups) == 1, "the backup is there")
    trial.root.write("/srv/lieux.csv", PLACES)
    trial.root.run("permanence import_places --with-cabins 1 /srv/lieux.csv")
    trial.visit(password)
    trial.root.run(SECRETS)
    logs = trial.root.run("sleep 1; cat /var/log/nginx/* /var/log/installation/*")
    trial.expect("/connexion/" in logs, "the proxy keeps a log")
    trial.expect("un-secret" not in logs, "no secret address and nothing searched for is in a log")


def tables(trial: Trial) -> str:
    return trial.root.run("cd / && runuser -u postgres -- psql -At permanence -c '\\dt'")


def upgrade(trial: Trial, forwards: str, back: str) -> None:
    trial.expect("installation_trial" not in tables(trial), "the database is that of the version before")
    trial.block(forwards)
    trial.expect("installation_trial" in tables(trial), "the new migration is applied")
    trial.visit()
    trial.block(back)
    trial.expect(
        "installation_trial" not in tables(trial), "the database is that of the version before again"
    )
    trial.visit()


def restore(trial: Trial, blocks: list[str], make_database: str) -> None:
    every_night, check, gone, start, to_postgresql = blocks
    trial.block(every_night)
    newest = max(trial.root.path(BACKUPS).glob("*.tar"))
    trial.root.run(f"cp {BACKUPS}/{newest.name} permanence-20261124T020000Z.tar")
    trial.block(check)
    trial.root.run(EMPTIED)
    trial.block(make_database)
    trial.block(gone)
    trial.block(start)
    trial.visit()
    trial.root.run(ON_SQLITE)
    trial.block(to_postgresql)
    trial.root.run("sed -i 's/^#DATABASE_URL/DATABASE_URL/' /etc/permanence/permanence.env")
    communes = "SELECT insee_code FROM communes_commune"
    shown = trial.root.run(f"cd /; runuser -u postgres -- psql -At permanence -c '{communes}'")
    trial.expect("76498" in shown.split(), "what was in SQLite is in PostgreSQL")


def run_both_pages(folder: Path) -> None:
    page = (HERE / "docs" / "install-debian.md").read_text(encoding="utf-8")
    restoring = (HERE / "docs" / "restore.md").read_text(encoding="utf-8")
    *installing, forwards, back = shell_blocks(page)
    LOG.parent.mkdir(exist_ok=True)
    LOG.write_text(f"{SUITE}\n", encoding="utf-8")
    trial = Trial(Root(folder, LOG))
    trial.say(f"A root of {SUITE} in {folder}")
    trial.root.make(SUITE, HERE / "var" / "test-install-packages")
    substitutes.before_the_page(trial.root)
    if SUITE == "bookworm":
        for block in shell_blocks(page, "sh debian-12"):
            trial.block(block)
    install(trial, installing)
    upgrade(trial, forwards, back)
    make_database = next(each for each in installing if "createdb" in each)
    restore(trial, shell_blocks(restoring), make_database)
    trial.say("All blocks of both pages were run as they stand.")


def main() -> None:
    if os.geteuid():
        raise SystemExit("This makes a root of Debian: run it as root.")
    missing = [name for name in ("debootstrap", "unshare", "nsenter", "ip") if shutil.which(name) is None]
    if missing:
        raise SystemExit(f"Missing: {', '.join(missing)}. apt-get install debootstrap util-linux iproute2")
    folder = Path(tempfile.mkdtemp(prefix="permanence-install-"))
    folder.chmod(0o755)
    try:
        # Whatever is mounted or started in there ends with it.
        apart = [
            "unshare",
            "--mount",
            "--propagation=private",
            "--pid",
            "--fork",
            "--kill-child",
            "--mount-proc",
        ]
        command = [sys.executable, "-m", "scripts.installation", "--inside", str(folder)]
        done = subprocess.run([*apart, *command], cwd=HERE, check=False)
    finally:
        if not os.environ.get("KEEP"):
            shutil.rmtree(folder)
    raise SystemExit(done.returncode)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--inside"]:
        run_both_pages(Path(sys.argv[2]))
    else:
        main()
