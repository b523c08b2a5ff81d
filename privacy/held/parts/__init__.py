"""The parts of what is held, app by app."""
