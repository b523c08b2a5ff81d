"""What stands in for the world around an empty Debian machine. There are three, and no other:

1. `systemctl`: scripts/installation/systemctl.py reads the units and starts what they name.
2. The certificate: `certbot` makes one itself, and the root trusts it.
3. Addresses: the public name leads to the root itself; the address to clone from is a copy of this repository
   with its last commit as v1.0.0, and a migration more as v1.1.0; pip uses the settings of this machine, apt
   its mirror; PostgreSQL keeps its port also where this machine has another one.
"""

import subprocess
from pathlib import Path

from scripts.installation.root import HERE, TOOLS, Root

CERTBOT = """\
#!/bin/sh -e
while [ "$1" != -d ]; do shift; done
folder=/etc/letsencrypt/live/$2
mkdir -p "$folder"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 90 -subj "/CN=$2" \\
    -addext "subjectAltName=DNS:$2" -keyout "$folder/privkey.pem" -out "$folder/fullchain.pem" 2>/dev/null
cp "$folder/fullchain.pem" "/usr/local/share/ca-certificates/$2.crt"
update-ca-certificates
"""
SYSTEMCTL = f"""\
#!/bin/sh
PYTHONPATH={TOOLS} exec python3 -m scripts.installation.systemctl "$@"
"""
GIT = """\
[url "file:///srv/permanence.git"]
    insteadOf = https://forge.exemple.fr/permanence.git
[safe]
    directory = *
"""
ONE_MORE = """\
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("communes", "{last}")]
    operations = [migrations.RunSQL("CREATE TABLE installation_trial (id integer)", migrations.RunSQL.noop)]
"""


def before_the_page(root: Root) -> None:
    root.write("/usr/local/bin/systemctl", SYSTEMCTL, 0o755)
    root.write("/usr/local/bin/certbot", CERTBOT, 0o755)
    # Packages start nothing by themselves: they would in the network of this machine.
    root.write("/usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n", 0o755)
    root.write("/etc/hosts", "127.0.0.1 localhost permanence.exemple.fr\n::1 localhost\n")
    root.write("/etc/gitconfig", GIT)
    root.take_pip_settings()
    _two_versions(root.path("/srv/permanence.git"), root.path("/srv/newer"))


def after_packages(root: Root) -> None:
    """What Debian starts by itself after its installation is started here; PostgreSQL gets its own port."""
    root.run("if [ -x /usr/sbin/nginx ]; then systemctl start nginx; fi")
    root.run(
        "for conf in /etc/postgresql/*/main/postgresql.conf; do"
        " if [ -e $conf ]; then sed -i 's/^port = .*/port = 5432/' $conf; fi; done"
    )


def _two_versions(bare: Path, newer: Path) -> None:
    def git(*words: str, cwd: Path = HERE) -> str:
        author = ["-c", "user.name=Trial", "-c", "user.email=trial@exemple.fr"]
        return subprocess.run(
            ["git", *author, *words], cwd=cwd, capture_output=True, text=True, check=True
        ).stdout

    git("clone", "--quiet", "--bare", str(HERE), str(bare))
    git("tag", "--force", "v1.0.0", "HEAD", cwd=bare)
    git("worktree", "add", "--quiet", "--detach", str(newer), "HEAD", cwd=bare)
    folder = newer / "communes" / "migrations"
    last = max(folder.glob("0*.py")).stem
    (folder / f"{int(last[:4]) + 1:04}_trial.py").write_text(ONE_MORE.format(last=last), encoding="utf-8")
    git("add", "--all", cwd=newer)
    git("commit", "--quiet", "--no-verify", "-m", "communes: Add a table for a trial", cwd=newer)
    git("tag", "--force", "v1.1.0", cwd=newer)
    git("worktree", "remove", str(newer), cwd=bare)
