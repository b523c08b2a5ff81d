"""Forms of the rights of residents."""
