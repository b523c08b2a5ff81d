"""The settings that the type checker reads: those of development, whatever the shell's environment."""

import os

os.environ["DEBUG"] = "1"

from config.settings import *  # noqa: F403
