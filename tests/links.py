"""What is behind the links that an agent sees."""

import re
from collections import Counter

from django.test import Client
from django.urls import resolve, reverse

LINK = re.compile(r'href="(/[^"#]*)')
OF_A_KIND = 12
"""Pages of one kind (one address, whatever number stands in it) that are opened for one agent."""


def follow_links(client: Client) -> tuple[set[str], list[str]]:
    """Open what links lead to, from the first page on; the names of the addresses, and the links that lead to
    nothing, or to a page without a heading."""
    kinds: Counter[str] = Counter()
    seen: set[str] = set()
    dead: list[str] = []
    waiting = [(reverse("home"), "")]
    while waiting:
        path, origin = waiting.pop(0)
        if path in seen or path.startswith(("/static/", "/api/")):
            continue
        seen.add(path)
        name = str(resolve(path.partition("?")[0]).url_name)
        if kinds[name] == OF_A_KIND:
            continue
        kinds[name] += 1
        response = client.get(path, follow=True)
        if response.status_code != 200:
            dead.append(f"{path}, linked from {origin}: {response.status_code}")
        elif not response.streaming:
            html = response.content.decode(errors="replace")
            if html.lstrip().lower().startswith("<!doctype html") and "<h1" not in html:
                dead.append(f"{path}, linked from {origin}: without a heading")
            links = LINK.findall(html)
            waiting += [(each.replace("&amp;", "&"), path) for each in links]
    return set(kinds), dead
