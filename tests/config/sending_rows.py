"""A commune that has something to send, in the database of an installation, and the session of its manager:
`python -m tests.in_django tests.config.sending_rows 20` prints what the cookie is."""

import sys

from django.test import Client

from core.roles import Role
from tests.factories import make_agent, make_cabin, make_commune, make_service, make_site
from tests.notifications.many import make_messages


def main(count: int) -> None:
    commune = make_commune(insee_code="76498", sender="Mairie")
    make_messages(commune, make_cabin(make_site(commune)), make_service(commune), count)
    client = Client()
    client.force_login(make_agent(commune, Role.MANAGER, Role.DESK))
    print(f"sessionid={client.cookies['sessionid'].value}")  # noqa: T201


if __name__ == "__main__":
    main(int(sys.argv[2]))
