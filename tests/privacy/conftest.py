import pytest

from tests.booking.towns import Town


@pytest.fixture
def town(db: None) -> Town:
    return Town()
