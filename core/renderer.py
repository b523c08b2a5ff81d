"""How forms are drawn: the label, hint and error of each field are linked for screen readers, and nothing
that is typed is cut."""

from typing import Any

from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest


class FormRenderer(TemplatesSetting):
    form_template_name = "components/form.html"
    field_template_name = "components/field.html"

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> str:
        """A browser cuts what is pasted into a field with `maxlength`, and says nothing. So the length is a
        mark for a counter (text_length.js), and the form says when a text is too long."""
        attrs = context.get("widget", {}).get("attrs", {})
        if "maxlength" in attrs:
            attrs["data-most"] = attrs.pop("maxlength")
        return super().render(template_name, context, request)
