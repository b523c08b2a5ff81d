"""The version of the product, as CHANGELOG.md counts it."""

VERSION = "1.0.0"
