"""Pages for managers: the sender, the texts, and how many messages arrive."""

from datetime import timedelta

import pytest
from django.urls import reverse

from notifications.enums import Channel, Failure, State
from notifications.models import CommuneText, Message, MessageSettings, ProviderAlarm
from notifications.texts.sender import SenderKind, read_sender
from tests.edits import edit_form, send_edit
from tests.factories import TUESDAY, at, make_resident
from tests.html import Page
from tests.notifications.conftest import book_for, run
from tests.notifications.test_pages import words

pytestmark = pytest.mark.usefixtures("simulated", "tuesday")


# ---- senders -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind", "two_way", "can_call"),
    [
        ("", SenderKind.NONE, False, False),
        ("MairiePQ", SenderKind.NAME, False, False),
        ("Mairie de Petit-Quevilly", SenderKind.INVALID, False, False),
        ("Évreux", SenderKind.INVALID, False, False),
        ("12345678901", SenderKind.INVALID, False, False),
        ("36179", SenderKind.SHORT_CODE, True, False),
        ("01 62 00 12 34", SenderKind.POLYVALENT, True, True),
        ("+33949123456", SenderKind.POLYVALENT, True, True),
        ("0947512345", SenderKind.POLYVALENT, True, True),
        ("09 37 12 34 56", SenderKind.PLATFORM, True, False),
        ("06 12 34 56 78", SenderKind.FORBIDDEN, True, True),
        ("02 35 12 34 56", SenderKind.FORBIDDEN, True, True),
        ("09 70 12 34 56", SenderKind.FORBIDDEN, True, True),
        ("+447700900123", SenderKind.FOREIGN, True, True),
        ("01 99 00 12 34", SenderKind.FICTION, True, True),
    ],
)
def test_a_sender_is_one_of_these(text, kind, two_way, can_call):
    sender = read_sender(text)

    assert (sender.kind, sender.two_way, sender.can_call) == (kind, two_way, can_call)


def save(client, **changes):
    fields = {
        "sender": "01 62 00 12 34",
        "voice_number": "",
        "reminder_days_before": "3",
        "reminders_from": "09:00",
        "reminders_until": "19:00",
        "price_sms_cents": "7.5",
        "invite_missed": "on",
        **changes,
    }
    return send_edit(client, reverse("message-settings"), fields, follow=True)


def test_settings_are_saved(client, dana, commune):
    client.force_login(dana)

    assert "Enregistré" in words(save(client, voice_number="01 62 00 12 35", remind_same_day="on"))

    commune.refresh_from_db()
    settings = MessageSettings.objects.get()
    assert (commune.sender, commune.reminder_days_before) == ("+33162001234", 3)
    assert (settings.voice_number, settings.remind_same_day, settings.confirm_by_call) == (
        "+33162001235",
        True,
        False,
    )


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"sender": "Mairie de Petit-Quevilly"}, "11"),
        ({"voice_number": "MairiePQ"}, "pas d’un nom"),
        ({"voice_number": "09 37 12 34 56"}, "ne peut pas appeler"),
        ({"voice_number": "02 61 91 00 00"}, "téléphone de la mairie"),
        ({"sender": "02 61 91 00 00"}, "téléphone de la mairie"),
    ],
)
def test_a_sender_that_cannot_work_is_refused_with_a_reason(client, dana, commune, changes, problem):
    client.force_login(dana)

    assert problem in words(save(client, **changes))

    assert not MessageSettings.objects.exists()


def test_a_forbidden_sender_is_explained_while_it_is_typed(client, dana):
    client.force_login(dana)

    shown = words(client.get(reverse("sender-check"), {"sender": "06 12 34 56 78"}))

    assert "depuis 2023" in shown
    assert "01 62" in shown


def test_reply_1_appears_only_where_a_reply_can_arrive(client, dana, commune, appointment):
    client.force_login(dana)
    save(client, sender="MairiePQ")

    run()

    assert "Répondez" not in Message.objects.get().text


# ---- texts -------------------------------------------------------------------------------------------


def edit(client, template, *, kind="reminder", language="fr", **headers):
    address = reverse("message-text", args=[kind, language])
    return send_edit(client, address, {"template": template}, headers=headers, follow=not headers)


def test_a_text_is_saved_and_shown_as_own(client, dana):
    client.force_login(dana)

    shown = words(edit(client, "{mairie} : à bientôt, {day} à {time}, {place}. {reply}"))

    assert "texte personnalisé" in shown
    assert CommuneText.objects.get().edited_by == dana


def test_the_browser_does_not_ask_for_the_phone_of_a_test_when_a_text_is_saved(client, dana):
    client.force_login(dana)

    page = Page(client.get(reverse("message-text", args=["confirmation", "fr"])).content.decode())

    assert "required" in page.one(name="number")
    assert "novalidate" in next(each for each in page.around(page.one(name="template")) if each.tag == "form")


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ("{mairie} : {service} {day} {time}", "{service}"),
        ("{mairie} : {who}, {day} {time}", "{who}"),
        ("{mairie} : {day} {time}, avant {until}", "{until}"),
        ("Bonjour, à {day} {time}", "{mairie}"),
        ("{mairie} : RDV CAF {day} à {time}", "pourquoi"),
        ("{mairie} : rdv caf, {day} à {time}", "pourquoi"),
        ("", "obligatoire"),
        ("{mairie} {day} {time} " + "x" * 480, "480"),
    ],
)
def test_a_text_that_may_not_leave_is_refused(client, dana, service, template, problem):
    client.force_login(dana)

    assert problem in words(edit(client, template))

    assert not CommuneText.objects.exists()


def test_a_word_that_only_contains_a_services_name_is_allowed(client, dana, service):
    client.force_login(dana)

    edit(client, "{mairie} : un café {day} à {time} ?")

    assert CommuneText.objects.exists()


def test_the_preview_follows_what_is_typed_and_saves_nothing(client, dana, site):
    client.force_login(dana)

    shown = words(edit(client, "{mairie} : à {day}, {time} ’", **{"HX-Request": "true"}))

    assert "Mairie de Petit-Quevilly : à vendredi 27 nov., 10h30" in shown
    assert "1 SMS" in shown
    assert "0,08 €" in shown
    assert not CommuneText.objects.exists()


def test_the_usual_text_can_be_had_back(client, dana):
    client.force_login(dana)
    edit(client, "{mairie} : {day} {time}")

    args = ["reminder", "fr"]
    page = reverse("message-text", args=args)
    send_edit(client, reverse("message-text-reset", args=args), {}, on=page)

    assert not CommuneText.objects.exists()


@pytest.mark.parametrize("address", [("answer", "fr"), ("reminder", "xx"), ("nothing", "fr")])
def test_what_is_not_editable_is_not_found(client, dana, address):
    client.force_login(dana)

    assert client.get(reverse("message-text", args=address)).status_code == 404


def test_all_texts_on_one_page_cost_few_queries(client, dana, django_assert_max_num_queries):
    client.force_login(dana)

    with django_assert_max_num_queries(8):
        client.get(reverse("message-texts"))


# ---- what arrives ------------------------------------------------------------------------------------


def test_rates_by_channel(client, dana, appointment):
    run()
    client.force_login(dana)
    for n, (state, failure) in enumerate(
        [(State.FAILED, Failure.NUMBER), (State.SENT, ""), (State.DELIVERED, "")]
    ):
        _copy(n, state, failure)

    shown = words(client.get(reverse("delivery-rates")))

    assert "SMS 4 2 1 1" in shown
    assert "67 %" in shown
    assert "ce numéro ne peut pas le recevoir" in shown


def _copy(n, state, failure):
    message = Message.objects.order_by("id")[0]
    message.pk, message.cause, message.state, message.failure = None, f"copy:{n}", state, failure
    message.save()


def test_an_email_that_was_sent_does_not_wait_for_ever(client, dana, appointment):
    run()
    client.force_login(dana)
    Message.objects.update(channel=Channel.EMAIL, state=State.SENT)

    assert "Courriel 1 0 0 0" in words(client.get(reverse("delivery-rates")))


def test_rates_without_any_message(client, dana):
    client.force_login(dana)

    assert "Rien n’a été envoyé" in words(client.get(reverse("delivery-rates")))


def test_old_messages_do_not_count(client, dana, appointment):
    run()
    Message.objects.update(sent_at=TUESDAY - timedelta(days=31))
    client.force_login(dana)

    assert "Rien n’a été envoyé" in words(client.get(reverse("delivery-rates")))


def test_managers_see_that_the_provider_refuses_us(client, dana, commune):
    run()
    client.force_login(dana)
    assert words(client.get(reverse("provider-alarm"))).strip() == ""
    ProviderAlarm.objects.create(channel=Channel.SMS, code="20003", since=TUESDAY, retry_at=TUESDAY)

    assert "code 20003" in words(client.get(reverse("provider-alarm")))


@pytest.mark.parametrize("name", ["message-settings", "message-texts", "delivery-rates", "sender-check"])
def test_these_pages_are_for_managers(client, alice, bob, name):
    for agent in (alice, bob):
        client.force_login(agent)
        assert client.get(reverse(name)).status_code == 404


def test_the_editor_says_what_will_stand_for_each_placeholder(client, dana, site):
    client.force_login(dana)

    shown = words(client.get(reverse("message-text", args=["late", "fr"])))

    assert "{mairie} Mairie de Petit-Quevilly {jour} vendredi 27 nov. {heure} 10h30 {lieu} Hôtel" in shown
    assert "à 10h30, Hotel de ville, commencera vers 10h55" in shown


def test_before_there_is_a_place_a_sample_has_one_all_the_same(client, dana):
    client.force_login(dana)

    shown = words(client.get(reverse("message-text", args=["confirmation", "fr"])))

    assert "à 10h30, Hotel de ville." in shown


def test_the_phone_of_the_mairie_cannot_be_a_line_at_which_a_machine_answers(client, dana, commune):
    MessageSettings.objects.create(commune=commune, voice_number="+33162001235")
    client.force_login(dana)
    fields = {"name": commune.name, "public_phone": "01 62 00 12 35"}

    answer = client.post(reverse("commune-edit"), fields)

    commune.refresh_from_db()
    assert (answer.status_code, commune.public_phone) == (422, "+33261910000")
    assert "automate répond à ce numéro" in words(answer)


# ---- what is between braces, what asks, what costs ---------------------------------------------------


def test_what_is_between_braces_is_french_on_french_pages_and_kept_in_one_form(client, dana, commune):
    client.force_login(dana)
    address = reverse("message-text", args=["reminder", "fr"])
    shown = edit_form(client.get(address)).data["template"][0]
    assert "{jour} à {heure}, {lieu}" in shown
    assert "{day}" not in shown

    edit(client, "{mairie} : RDV le {Jour} à {HEURE}, {lieu}. N. {numero}. {reponse}")

    assert (
        CommuneText.objects.get().template
        == "{mairie} : RDV le {day} à {time}, {place}. N. {number}. {reply}"
    )
    assert "{numéro}. {réponse}" in client.get(address).content.decode()


def test_names_of_before_are_still_understood(client, dana):
    client.force_login(dana)
    edit(client, "{mairie} : RDV {day} à {time}.")

    assert CommuneText.objects.get().template == "{mairie} : RDV {day} à {time}."


@pytest.mark.parametrize(
    "words_that_ask",
    [
        "Répondez 1 si vous venez",
        "repondez par oui ou non",
        "Répondez OUI",
        "1 = oui, 2 = non",
        "1 pour confirmer",
        "Tapez 2 pour annuler",
        "Envoyez simplement non",
        "reply yes please",
        "أجب ب 1",
    ],
)
def test_a_text_that_asks_in_its_own_words_is_refused(client, dana, words_that_ask):
    client.force_login(dana)

    page = words(edit(client, f"{{mairie}} : RDV {{jour}} à {{heure}}. {words_that_ask}."))

    assert not CommuneText.objects.exists()
    assert "demande une réponse" in page
    assert "{réponse}" in page


@pytest.mark.parametrize(
    "harmless",
    [
        "Apportez 2 photos",
        "Venez 10 minutes avant",
        "Le bureau 2 : au fond",
        "Prenez le bus 2 pour venir",
        "Pour répondre, appelez le {téléphone}",
        "Envoyez vos 2 photos avant",
        "Ne répondez pas à ce message",
    ],
)
def test_a_text_with_numbers_that_asks_nothing_is_kept(client, dana, harmless):
    client.force_login(dana)
    edit(client, f"{{mairie}} : RDV {{jour}} à {{heure}}. {harmless}.")

    assert CommuneText.objects.exists()


def test_no_answer_is_offered_where_none_is_read(client, dana):
    client.force_login(dana)

    page = words(edit(client, "{mairie} : RDV {jour} à {heure} annulé. {réponse}", kind="cancellation"))

    assert not CommuneText.objects.exists()
    assert "{réponse}" in page.partition("Vous pouvez écrire")[0]


def test_the_characters_that_cost_a_message_are_named(client, dana):
    client.force_login(dana)
    text = "{mairie} : RDV {jour} à {heure} 🙂 ☂, {lieu}."

    live = edit(client, text, HX_Request="true").content.decode()
    saved = words(edit(client, text))

    assert "🙂 ☂" in live
    assert "🙂 ☂" in saved
    assert "🙂" not in edit(client, text.replace("🙂 ☂", "!"), HX_Request="true").content.decode()


# ---- a test message ----------------------------------------------------------------------------------


def try_text(client, number, template="{mairie} : RDV {jour} à {heure}, {lieu}. {réponse}"):
    address = reverse("message-text", args=["reminder", "fr"])
    return words(client.post(address, {"template": template, "number": number, "test": "1"}))


def test_a_manager_gets_the_text_as_it_stands_on_their_own_phone(client, dana, site):
    client.force_login(dana)

    page = try_text(client, "06 39 98 55 55", "{mairie} : à {jour} {heure}. Apportez la lettre.")
    run()

    message = Message.objects.get()
    assert (message.kind, message.recipient, message.handled_by) == ("test", "+33639985555", dana)
    assert message.text.startswith("Essai : Mairie de Petit-Quevilly")
    assert (message.state, message.asks) == (State.DELIVERED, False)
    assert "Apportez la lettre" in page  # what was typed is still there, and not saved
    assert not CommuneText.objects.exists()


@pytest.mark.parametrize(
    ("number", "problem"),
    [("02 61 91 00 42", "ne reçoit pas de SMS"), ("12", "n’est pas valable"), ("", "obligatoire")],
)
def test_a_test_needs_a_mobile(client, dana, number, problem):
    client.force_login(dana)

    assert problem in try_text(client, number)
    assert not Message.objects.exists()


def test_a_test_never_goes_to_a_resident(client, dana, fatima):
    client.force_login(dana)

    assert "fiche" in try_text(client, "06 39 98 12 34")
    assert not Message.objects.exists()


def test_five_tests_an_hour_are_enough(client, dana, site, set_clock):
    client.force_login(dana)
    for _ in range(5):
        try_text(client, "06 39 98 55 55")
    assert "plus tard" in try_text(client, "06 39 98 55 55")
    assert Message.objects.count() == 5

    set_clock(TUESDAY + timedelta(hours=1, minutes=1))
    try_text(client, "06 39 98 55 55")
    assert Message.objects.count() == 6


def test_a_setting_that_makes_hundreds_of_reminders_leave_shows_some_of_them_and_says_how_many(
    client, dana, commune, cabin, service
):
    before = TUESDAY - timedelta(days=20)
    for n in range(32):
        who = make_resident(commune, f"+3363998{n:04d}")
        book_for(who, cabin, service, at(9, day=30) + timedelta(hours=n), now=before)
    run(before)
    Message.objects.update(state=State.DELIVERED, delivered_at=before)
    client.force_login(dana)

    page = save(client, reminder_days_before="9", announce="1")

    assert "32 messages" in words(page)
    assert page.content.decode().count('class="announced-to"') == 30
    assert "et 2 autres messages comme ceux-ci" in words(page)
    commune.refresh_from_db()
    assert commune.reminder_days_before == 2


def test_without_a_sender_the_settings_say_what_happens_here(client, dana, commune, settings):
    commune.sender = ""
    commune.save()
    client.force_login(dana)
    shown = words(client.get(reverse("message-settings")))
    assert "le simulateur a le sien" in shown and "le simulateur appelle quand même" in shown
    assert "aucun SMS ne part" not in shown

    settings.DEBUG = False
    shown = words(client.get(reverse("message-settings")))
    assert "aucun SMS ne part" in shown and "aucun appel automatique" in shown
    assert "simulateur" not in shown
