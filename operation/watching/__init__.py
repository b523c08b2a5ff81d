"""Figures for Prometheus under `/metrics`: how the web process answers, and how the installation does."""
