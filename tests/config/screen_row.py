"""A commune with a paired screen, in the database of an installation:
`python -m tests.in_django tests.config.screen_row` prints the cookie of its browser."""

from kiosk.models import Screen
from kiosk.requests import COOKIE
from tests.factories import TUESDAY, make_cabin, make_commune, make_site


def main() -> None:
    site = make_site(make_commune())
    token = Screen.new_token()
    Screen.objects.create(
        site=site, cabin=make_cabin(site), name="Borne", token_hash=Screen.hash(token), paired_at=TUESDAY
    )
    print(f"{COOKIE}={token}")  # noqa: T201


if __name__ == "__main__":
    main()
