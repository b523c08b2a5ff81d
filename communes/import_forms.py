"""The forms of an import of places by a page: the file with its limits, then what the manager has seen."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.core import signing
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

MOST_BYTES = 2 * 1024 * 1024
"""A file of all places of a region has less. It is read in the web process, in about a second at most."""
MOST_PLACES = 100
"""So many places of the commune are read from one file."""
MOST_CABINS = 5
MOST_SEALED = 400_000
"""The file as the page holds it until it is confirmed: well within what a form may send, twice."""
SEEN_FOR = timedelta(hours=1)
_SALT = "communes.import_forms"


@dataclass(frozen=True)
class SeenFile:
    """A file that was read on trial, and what the trial said (`ImportReport.fingerprint`)."""

    data: bytes
    with_cabins: int
    fingerprint: str

    def sealed(self, commune: int) -> str:
        """As the page holds it: signed, for this commune only, and compressed."""
        held = [self.data.decode("utf-8"), self.with_cabins, self.fingerprint]
        return signing.dumps(held, salt=f"{_SALT}.{commune}", compress=True)


def read_sealed(text: str, commune: int) -> SeenFile | None:
    """None if it is not ours, not of this commune, or of more than an hour ago."""
    try:
        held: list[Any] = signing.loads(text, salt=f"{_SALT}.{commune}", max_age=SEEN_FOR)
    except (signing.BadSignature, ValueError):
        return None
    return SeenFile(held[0].encode(), held[1], held[2])


class PlacesFileForm(forms.Form):
    file = forms.FileField(
        label=_("File of places (CSV)"),
        max_length=200,
        help_text=_("In the national standard of digital-inclusion places; 2 MB at most."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"}),
    )
    with_cabins = forms.IntegerField(
        label=_("Cabins for each place that has none"),
        min_value=0,
        max_value=MOST_CABINS,
        initial=0,
        help_text=_("Each with a screen, a scanner, a printer and video; you correct them afterwards."),
    )

    def clean_file(self) -> bytes:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(
                gettext("This file is larger than 2 MB: keep the lines of your commune only."), code="large"
            )
        data: bytes = file.read()
        return data
