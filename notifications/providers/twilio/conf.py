"""Settings of Twilio, from environment variables (README.md lists them)."""

from core.env import env

ACCOUNT_SID = env("TWILIO_ACCOUNT_SID")
AUTH_TOKEN = env("TWILIO_AUTH_TOKEN")
BASE_URL = env("TWILIO_BASE_URL")
"""Another address of the same interface: a local fake, in tests."""
