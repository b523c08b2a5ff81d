"""For managers: the check of a sender, the texts, and how many messages arrive."""

from dataclasses import replace

from django.contrib import messages
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agents.requests import AgentRequest
from core.clock import now
from core.edits import EditConflict
from core.requests import for_roles
from core.roles import Role
from core.troubles import troubles_of
from notifications import actions, alarms
from notifications.actions.wording import usual_text
from notifications.alarms.advice import Alarm, BlockedMessages
from notifications.enums import MessageKind
from notifications.errors import NumberOfResident, TooManyTests
from notifications.forms import LONGEST, TestMessageForm, TextForm, in_braces, staff_language
from notifications.models import CommuneText
from notifications.pages.health import standstill
from notifications.pages.message_log import months_of
from notifications.pages.rates import rates_of
from notifications.pages.sample import Sampler
from notifications.pages.sender_advice import advice_on
from notifications.tasks import request_sweep
from notifications.texts import EDITABLE, LANGUAGES, ComposedText
from notifications.texts.gsm7 import fold, measure
from notifications.texts.names import to_shown, to_stored


@require_GET
@for_roles(Role.MANAGER)
def sender_check(request: AgentRequest) -> HttpResponseBase:
    """What a sender would allow, shown while it is being typed."""
    calls = "voice_number" in request.GET
    text = request.GET.get("voice_number" if calls else "sender", "")[:40]
    return render(request, "messages/_advice.html", {"advice": advice_on(request.commune, text, calls=calls)})


@require_GET
@for_roles(Role.MANAGER)
def message_texts(request: AgentRequest) -> HttpResponseBase:
    sampler = Sampler(request.commune, now=now())
    rows = [
        (kind, [(each, sampler.sample(kind, each), (kind, each) in sampler.own) for each in LANGUAGES])
        for kind in EDITABLE
    ]
    return render(request, "messages/texts.html", {"rows": rows})


@require_http_methods(["GET", "POST"])
@for_roles(Role.MANAGER)
def message_text(request: AgentRequest, kind: str, language: str) -> HttpResponseBase:
    """Edit one text; a sample of the received text is shown while it is being typed."""
    if kind not in EDITABLE or language not in LANGUAGES:
        raise Http404
    commune, edited = request.commune, MessageKind(kind)
    own = CommuneText.objects.filter(commune=commune, kind=kind, language=language).first()
    usual = usual_text(edited, language)
    stored = own.template if own else usual
    form = TextForm(request.POST or None, template=stored, commune=commune, kind=edited)
    is_test = "test" in request.POST
    test = TestMessageForm(request.POST if is_test else None, commune=commune)
    checked = form.is_valid() if form.is_bound else False
    template = to_stored((request.POST.get("template") or stored)[:LONGEST])
    sampler = Sampler(commune, now=now())
    sample = sampler.sample(edited, language, template=template)
    may_save = request.method == "POST" and not request.htmx and checked and not is_test
    if is_test and checked and test.is_valid():
        _send_test(request, test, sample.text)
    elif may_save and _saved(request, form, edited, language):
        if sample.costly and language != "ar":
            costs = _("It needs more messages because of: %(characters)s")
            messages.warning(request, costs % {"characters": " ".join(sample.costly)})
        return redirect("message-texts")
    context = {
        "form": form,
        "kind": edited,
        "language": language,
        "own": own,
        "usual": to_shown(usual, staff_language()),
        "test": test,
        "sample": sample,
        "placeholders": [
            (in_braces([name]), value) for name, value in sampler.placeholders(edited, language)
        ],
    }
    name = "messages/text.html#sample" if request.htmx else "messages/text.html"
    # While it is being typed, what lacks is only said.
    return render(request, name, context, status=200 if request.htmx else form.status)


def _saved(request: AgentRequest, form: TextForm, kind: MessageKind, language: str) -> bool:
    edit, chosen = form.edit(by=request.user, at=now()), form.chosen_values()
    try:
        if chosen:
            actions.save_text(
                commune=request.commune,
                kind=kind,
                language=language,
                template=chosen["template"],
                by=request.user,
                now=now(),
                edit=edit,
            )
    except EditConflict as conflict:
        form.show_conflict(conflict, edit)
        return False
    said = _("Saved. Messages written from now on have this text.")
    messages.success(request, form.saved_text(said, edit))
    return True


def _send_test(request: AgentRequest, form: TestMessageForm, text: ComposedText) -> None:
    """Send the text as it stands on the page, saved or not, to the number that was typed."""
    marked = fold(_("Test: %(text)s") % {"text": text.text})
    try:
        actions.send_test(
            commune=request.commune,
            number=form.cleaned_data["number"],
            text=replace(text, text=marked, segments=measure(marked)),
            by=request.user,
            now=now(),
        )
    except (NumberOfResident, TooManyTests) as refusal:
        form.add_error("number", str(refusal))
        return
    request_sweep()
    messages.success(request, _("The test message leaves in a moment. What you typed is not saved yet."))


@require_POST
@for_roles(Role.MANAGER)
def message_text_reset(request: AgentRequest, kind: str, language: str) -> HttpResponseBase:
    if kind not in EDITABLE or language not in LANGUAGES:
        raise Http404
    form = TextForm(request.POST, template="", commune=request.commune, kind=MessageKind(kind))
    edit = form.edit(by=request.user, at=now())
    try:
        actions.reset_text(commune=request.commune, kind=MessageKind(kind), language=language, edit=edit)
    except EditConflict as conflict:
        messages.error(request, str(conflict))
        return redirect("message-text", kind, language)
    messages.success(request, _("Back to the usual text."))
    return redirect("message-texts")


@require_GET
@for_roles(Role.MANAGER)
def delivery_rates(request: AgentRequest) -> HttpResponseBase:
    months = months_of(request.commune, now=now())
    context = {"rates": rates_of(request.commune, now=now()), "months": months}
    return render(request, "messages/rates.html", context)


@require_GET
@for_roles(Role.DESK, Role.HELPER, Role.MANAGER)
def provider_alarm(request: AgentRequest) -> HttpResponseBase:
    """The banner on all pages of agents while messages do not leave: the worker stands still, or the provider
    refuses this commune's sender or the account. Empty otherwise. Managers read what to fix, the desk whom
    to tell by voice meanwhile; helpers hear of the worker only."""
    is_office = bool(request.membership.roles & {Role.DESK, Role.MANAGER})
    found = alarms.of_commune(request.commune, now=now()) if is_office else []
    is_manager = Role.MANAGER in request.membership.roles
    context = {
        "standstill": standstill(now=now()),
        "troubles": list(troubles_of(request.commune, now())) if is_manager else [],
        "is_office": is_office,
        "alarms": [Alarm(each) for each in found] if is_manager else [],
        "held": [] if is_manager else BlockedMessages.among(found),
    }
    return render(request, "messages/alarm.html", context)
