"""Backups that only the holder of another key can read: by `age` or GnuPG, whichever the key is for."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from django.utils.translation import gettext as _

from operation.errors import OperationRefused

AGE = ".age"
GNUPG = ".gpg"
_FINGERPRINT = re.compile("(0x)?([0-9A-Fa-f]{40}|[0-9A-Fa-f]{64})")


def ending_for(recipient: str) -> str:
    """Keys of age begin with `age1` or are SSH keys; anything else names a key of GnuPG."""
    return AGE if recipient.startswith(("age1", "ssh-")) else GNUPG


def encrypt(path: Path, target: Path, recipient: str) -> None:
    """Raises OperationRefused where the command is missing or does not know the key."""
    if ending_for(recipient) == AGE:
        command = [_tool("age"), "--encrypt"]
    else:
        command = [*_gpg(), "--trust-model", "always", "--encrypt"]
        recipient = _exactly(recipient)
    command += ["--recipient", recipient, "--output", str(target), str(path)]
    _run(command, _("The backup cannot be encrypted:"))


def decrypt(path: Path, target: Path, identity: str) -> None:
    """`identity`: for age the file of the private key; GnuPG finds the key itself."""
    if path.suffix == AGE:
        if not identity:
            raise OperationRefused(_("Say with --identity which file holds the private key of age."))
        command = [_tool("age"), "--decrypt", "--identity", identity, "--output", str(target), str(path)]
    else:
        command = [*_gpg(), "--decrypt", "--output", str(target), str(path)]
    _run(command, _("The backup cannot be decrypted:"))


def _exactly(recipient: str) -> str:
    """GnuPG takes anything else for a part of a name, and would encrypt for whoever has it."""
    if "@" in recipient:
        return f"<{recipient.strip('<>')}>"
    if not _FINGERPRINT.fullmatch(recipient):
        raise OperationRefused(
            _("%s is neither a key of age, nor the fingerprint or the e-mail address of a key of GnuPG.")
            % recipient
        )
    return recipient


def _gpg() -> list[str]:
    return [_tool("gpg"), "--batch", "--yes", "--quiet"]


def _run(command: list[str], failed: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=dict(os.environ))
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        # The last line of age asks to tell its makers.
        said = [each for each in lines if "error" in each.lower()] or lines[-1:] or [str(done.returncode)]
        raise OperationRefused(f"{failed} {said[0]}")


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        package = "gnupg" if name == "gpg" else name
        raise OperationRefused(
            _("The command %(name)s is missing: install the package %(package)s.")
            % {
                "name": name,
                "package": package,
            }
        )
    return found
