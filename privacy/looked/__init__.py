"""The log of consultations: who was shown to which agent, when, and on which page."""

from privacy.looked.reading import of_resident

__all__ = ["of_resident"]
