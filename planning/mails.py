"""What is mailed to helpers about the rota: plain text, no name of a resident."""

from collections.abc import Sequence

from django.utils import timezone
from django.utils.translation import gettext as _

from agents.mails import link_to, mail_text
from planning.models import HelperNews, NewsKind
from planning.news import in_words


def mail_news(news: Sequence[HelperNews]) -> None:
    """One e-mail to one agent with these news, each in the time zone of its commune."""
    agent = news[0].agent
    if not (agent.is_active and agent.email_confirmed and agent.email):
        return
    lines: list[str] = []
    for commune in dict.fromkeys(each.commune for each in news):
        with timezone.override(commune.tz):
            items = in_words(each for each in news if each.commune_id == commune.pk)
        lines += [line for item in items for line in item.lines]
    context = {"agent": agent, "lines": lines, "link": link_to("my-week"), "account": link_to("account")}
    mail_text(agent.email, _subject({each.kind for each in news}), "team/mail_news.txt", context)


def _subject(kinds: set[str]) -> str:
    if kinds == {NewsKind.VISIT}:
        return _("Your appointments in Permanence have changed")
    if kinds <= {NewsKind.SHIFT, NewsKind.PUBLISHED}:
        return _("Your shifts in Permanence have changed")
    return _("News for your week in Permanence")
