"""Names of buttons: short to read, complete to hear where several say the same on one page."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

register = template.Library()


@register.simple_tag
def about(*what: object) -> SafeString:
    """What a button, a link or a question is about, for screen readers, after its visible words:
    `{% about visit.resident %}` makes « Est arrivé·e : Rosa Pinto ». Empty parts are left out."""
    parts = ", ".join(str(each) for each in what if each)
    if not parts:
        return SafeString("")
    return format_html('<span class="visually-hidden">{}</span>', _(": %(what)s") % {"what": parts})
