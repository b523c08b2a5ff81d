"""What the forms of a page have in common: the summary of what is wrong, and parts that open around it."""

from collections.abc import Iterable
from typing import Any

from django import forms, template
from django.template.base import FilterExpression, Node, NodeList, Parser, Token, token_kwargs
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from core.form_errors import FormError, FormOrSet, errors_of, has_errors

register = template.Library()


def _forms_in(context: template.Context) -> list[FormOrSet]:
    """All forms that the view gave to the template, each once."""
    return _forms_among(context.flatten().values())


def _forms_among(values: Iterable[object]) -> list[FormOrSet]:
    found = {id(each): each for each in values if isinstance(each, forms.BaseForm | forms.BaseFormSet)}
    return list(found.values())


@register.simple_tag(takes_context=True)
def form_errors(context: template.Context, *given: FormOrSet | str | None) -> list[FormError]:
    """What is wrong in these forms; in all forms of the page, if none is named."""
    return errors_of(_forms_among(given) if given else _forms_in(context))


@register.simple_tag(takes_context=True)
def has_form_errors(context: template.Context) -> bool:
    """Whether any form of the page was sent with something wrong."""
    return any(has_errors(each) for each in _forms_in(context))


class DetailsNode(Node):
    def __init__(self, nodelist: NodeList, attributes: dict[str, FilterExpression]) -> None:
        self.nodelist, self.attributes = nodelist, attributes

    def render(self, context: template.Context) -> SafeString:
        inside = self.nodelist.render(context)
        given: dict[str, Any] = {name: each.resolve(context) for name, each in self.attributes.items()}
        is_open = bool(given.pop("open", False)) or 'aria-invalid="true"' in inside or "errorlist" in inside
        attributes = format_html_join("", ' {}="{}"', given.items())
        return format_html("<details{}{}>{}</details>", attributes, " open" if is_open else "", inside)


@register.tag
def details(parser: Parser, token: Token) -> DetailsNode:
    """A `<details>` that is open if a field in it has an error: `{% details class="new" %}…{% enddetails %}`.

    `open=` opens it for another reason; other arguments are attributes.
    """
    attributes = token_kwargs(token.split_contents()[1:], parser)
    nodelist = parser.parse(("enddetails",))
    parser.delete_first_token()
    return DetailsNode(nodelist, attributes)
