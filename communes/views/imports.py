"""A manager takes places from a file: first the page says what would be made, then they confirm it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from communes.errors import FileRefused, PlacesChanged
from communes.import_forms import MOST_PLACES, MOST_SEALED, PlacesFileForm, SeenFile, read_sealed
from communes.imports import Author, ImportReport, import_as_seen, import_data
from communes.requests import CommuneRequest
from core import clock
from core.announcing import announces
from core.requests import for_roles, takes_files
from core.roles import Role


@takes_files
@require_http_methods(["GET", "HEAD", "POST"])
@for_roles(Role.MANAGER)
def places_import(request: CommuneRequest) -> HttpResponse:
    """The form, then what the file would do: nothing is written."""
    form = PlacesFileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _preview(request, form.cleaned_data["file"], form.cleaned_data["with_cabins"])
        except FileRefused as refused:
            form.add_error("file", str(refused))
    return render(request, "places/import.html", {"form": form}, status=422 if form.is_bound else 200)


def _preview(request: CommuneRequest, data: bytes, with_cabins: int, *, status: int = 200) -> HttpResponse:
    """What an import would do now. Raises FileRefused, also of a file with too much in it."""
    text = data.decode("utf-8", "replace").encode()
    report = import_data(
        data=data,
        commune=request.commune,
        dry_run=True,
        with_cabins=with_cabins,
        most=MOST_PLACES,
        author=Author(request.user, clock.now()),
    )
    sealed = ""
    if not report.refused and report.lines:
        sealed = SeenFile(text, with_cabins, report.fingerprint()).sealed(request.commune.pk)
        if len(sealed) > MOST_SEALED:
            raise FileRefused(_("There is too much in this file: keep the lines of your commune only."))
    context = {"report": report, "sealed": sealed, "has_changed": status == 409}
    return render(request, "places/import_preview.html", context, status=status)


@require_POST
@for_roles(Role.MANAGER)
@announces(gettext_lazy("Take these places over"))
def places_import_confirm(request: CommuneRequest) -> HttpResponse:
    """Do what the page has shown; if that would be something else by now, show it again."""
    seen = read_sealed(request.POST.get("sealed", ""), request.commune.pk)
    if seen is None:
        messages.error(request, _("Nothing was taken over: choose the file again."))
        return redirect("places-import")
    try:
        report = import_as_seen(
            data=seen.data,
            commune=request.commune,
            with_cabins=seen.with_cabins,
            seen=seen.fingerprint,
            author=Author(request.user, clock.now()),
        )
    except PlacesChanged:
        return _preview(request, seen.data, seen.with_cabins, status=409)
    messages.success(request, _said(report))
    return redirect("places")


def _said(report: ImportReport) -> str:
    return _("The file is taken over: %(summary)s.") % {"summary": report.summary()}
