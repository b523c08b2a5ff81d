"""Residents: recorded during a booking, edited and merged on a page of their own."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agents.requests import AgentRequest
from booking import actions
from booking.forms.desk import DeskQuery
from booking.forms.resident_edit import AskedForm, ResidentEditForm
from booking.forms.residents import (
    ResidentForm,
    all_numbers,
    bind_phones,
    name_typed,
    newcomer,
)
from booking.log import Actor
from booking.models import Resident, ResidentChange
from booking.pages.desk import read_desk
from booking.pages.resident_history import read_history
from booking.search import find_duplicates, find_owners
from booking.views.choosing import shows_choices, who_is_alike
from core.announcing import announces
from core.clock import now
from core.edit_forms import render_gone
from core.edits import EditConflict, RecordGone
from core.errors import PermanenceError
from core.ids import read_id
from core.looked import Shown, shows
from core.requests import for_roles
from core.roles import Role

DESK = (Role.DESK, Role.MANAGER)


@require_POST
@for_roles(Role.DESK, Role.MANAGER, Role.HELPER)
def resident_create(request: AgentRequest) -> HttpResponse:
    """Record a new resident during the booking. Residents with the same name or number are shown first:
    `known` chooses one of them, `sure` says that it is somebody else."""
    state = read_desk(DeskQuery(request.POST, commune=request.commune), commune=request.commune, now=now())
    if known := read_id(request.POST.get("known")):
        return redirect(f"{reverse('desk')}?{state.address(resident=known)}")
    form = ResidentForm(request.POST, commune=request.commune)
    phones = bind_phones(request.POST, commune=request.commune)
    drawn = {"desk": state, "new": form, "phones": phones, "is_writing": True, "new_name": name_typed(form)}
    template = "desk/desk.html#found" if request.htmx else "desk/desk.html"
    if not (form.is_valid() and phones.is_valid()):
        return render(request, template, drawn, status=422)
    who = newcomer(form, phones)
    if alike := who_is_alike(request, form, who):
        shows_choices(request, {"alike": alike})
        return render(request, template, {**drawn, "alike": alike}, status=409)
    resident = actions.record_newcomer(who, now=now())
    return redirect(f"{reverse('desk')}?{state.address(resident=resident.pk)}")


@require_http_methods(["GET", "POST"])
@for_roles(*DESK)
@announces(gettext_lazy("Save"))
def resident(request: AgentRequest, pk: int) -> HttpResponse:
    residents = Resident.objects.current().filter(commune=request.commune)
    if request.method == "POST" and not residents.filter(pk=pk).exists():
        return _gone(request, pk)
    known = get_object_or_404(residents, pk=pk)
    shows(request, Shown.RECORD, [known.pk])
    form = ResidentEditForm(request.POST or None, instance=known, commune=request.commune)
    asked = AskedForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and asked.is_valid():
        edit = form.edit(by=request.user, at=now())
        shared = _shared_numbers(known, all_numbers(form.phones))
        try:
            is_asked = asked.cleaned_data["is_asked"]
            actions.edit_resident(resident=known, wanted=form.chosen_values(), edit=edit, is_asked=is_asked)
        except EditConflict as conflict:
            form.show_conflict(conflict, edit)
        except RecordGone:
            return _gone(request, pk)
        except PermanenceError as error:
            form.show_refusal(error, edit)
        else:
            if shared:
                messages.warning(request, shared)
            messages.success(request, form.saved_text(_("Saved."), edit))
            return redirect(f"{reverse('desk')}?resident={known.pk}")
    visits = known.appointments.visible().select_related("service", "site", "helper").order_by("-starts_at")
    context = {
        "resident": known,
        "form": form,
        "asked": asked,
        "phones": form.phones,
        "visits": visits[:20],
        "history": read_history(known, form),
        "opens_all": True,
    }
    return render(request, "residents/resident.html", context, status=form.status)


@require_POST
@for_roles(*DESK)
@announces(gettext_lazy("Put back"))
def resident_undo(request: AgentRequest, pk: int) -> HttpResponse:
    """Put the record back to what it was before one change, if nothing of it has been changed since."""
    changes = ResidentChange.objects.select_related("resident")
    row = get_object_or_404(changes, pk=pk, resident__commune=request.commune)
    try:
        actions.put_back_resident(change=row, by=request.user, now=now())
    except EditConflict:
        messages.error(request, _("This has been changed again since: nothing was put back."))
    except PermanenceError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("What was before is back."))
    return redirect("resident", row.resident_id)


def _gone(request: AgentRequest, pk: int) -> HttpResponse:
    """The record was deleted or merged into another since the form was shown."""
    merged = Resident.objects.filter(pk=pk, commune=request.commune).exclude(merged_into=None).first()
    form = ResidentEditForm(request.POST, instance=Resident(commune=request.commune), commune=request.commune)
    instead = reverse("resident", args=[merged.merged_into_id]) if merged else ""
    return render_gone(request, form.typed(), back=reverse("desk"), instead=instead)


def _shared_numbers(known: Resident, phones: list[actions.PhoneInput]) -> str:
    """Who has a number that the resident gets now; "" if nobody has."""
    had = {phone.number for phone in known.phones.all()}
    gained = [phone.number_e164 for phone in phones if phone.number_e164 not in had]
    others = [str(each.resident) for each in find_owners(known.commune, gained) if each.resident != known]
    if not others:
        return ""
    text = _("This number is also the one of %(names)s. If that is the same person: “Recorded twice?”")
    return text % {"names": ", ".join(others)}


@require_POST
@for_roles(Role.DESK, Role.MANAGER, Role.HELPER)
def number_owners(request: AgentRequest) -> HttpResponse:
    """Who has the number that is typed into the form of a new resident, while it is typed."""
    state = read_desk(DeskQuery(request.POST, commune=request.commune), commune=request.commune, now=now())
    phones = bind_phones(request.POST, commune=request.commune)
    phones.is_valid()
    numbers = [reading.e164 for form in phones.forms for reading in form.readings]
    owners = find_owners(request.commune, numbers)
    shows(request, Shown.ALIKE, [match.resident.pk for match in owners])
    return render(request, "desk/_number_owners.html", {"owners": owners, "desk": state})


@require_GET
@for_roles(*DESK)
def resident_duplicates(request: AgentRequest, pk: int) -> HttpResponse:
    """Residents with a similar name or number, who may be the same person."""
    known = get_object_or_404(Resident.objects.current(), pk=pk, commune=request.commune)
    alike = find_duplicates(request.commune, known)
    shows(request, Shown.ALIKE, [known.pk, *(match.resident.pk for match in alike)])
    return render(request, "residents/duplicates.html", {"resident": known, "alike": alike})


@require_POST
@for_roles(*DESK)
@announces(gettext_lazy("Merge the two records"))
def resident_merge(request: AgentRequest, pk: int) -> HttpResponse:
    """Merge two records of one person; the other record is emptied."""
    keep = get_object_or_404(Resident.objects.current(), pk=pk, commune=request.commune)
    other = request.POST.get("duplicate", "")
    duplicate = get_object_or_404(Resident.objects.current(), pk=read_id(other), commune=request.commune)
    try:
        actions.merge_residents(keep=keep, duplicate=duplicate, by=Actor.agent(request.user), now=now())
    except PermanenceError as error:
        messages.error(request, str(error))
        return redirect("resident-duplicates", keep.pk)
    messages.success(request, _("The two records are now one."))
    return redirect(f"{reverse('desk')}?resident={keep.pk}")
