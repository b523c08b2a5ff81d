"""The demonstration: Petit-Quevilly as it might be on any day. Nothing of the product depends on it."""
