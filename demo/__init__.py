"""The demonstration: the cabins of Petit-Quevilly with invented residents. Nothing else imports it."""
