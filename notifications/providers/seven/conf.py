"""Settings of seven.io, from environment variables (README.md lists them)."""

from core.env import env

API_KEY = env("SEVEN_API_KEY")
SIGNING_KEY = env("SEVEN_SIGNING_KEY")
"""Seven signs its webhooks with it."""
BASE_URL = env("SEVEN_BASE_URL", "https://gateway.seven.io/api").rstrip("/")
"""Another address of the same interface: a local fake, in tests."""
