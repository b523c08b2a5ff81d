"""What is typed into the search is told apart, and put into the right fields of somebody new."""

import pytest

from booking.enums import PhoneOwner
from booking.forms.residents import PhoneForm, ResidentForm, bind_phones, new_phones
from booking.names import split_name, weigh_names
from booking.owners import detail_of, owner_of
from booking.search import search
from booking.typed import read_typed
from communes.models import Commune
from tests.factories import TUESDAY, make_commune, make_resident

KNOWN = weigh_names(
    [
        ("Fatima", "Bensaïd"),
        ("Fatima", "Ben Said"),
        ("Karim", "Bensaïd"),
        ("Martin", "Roy"),
        ("Luc", "Martin"),
    ]
)


@pytest.mark.parametrize(
    ("text", "name", "number", "remark"),
    [
        ("0639981234 (sa fille)", "", "0639981234", "sa fille"),
        ("06 39 98 12 34 chez sa voisine", "", "06 39 98 12 34", "chez sa voisine"),
        ("son cousin 0639981234", "", "0639981234", "son cousin"),
        ("0639981234 cousin", "cousin", "0639981234", ""),
        ("Jeanne Dupuis 0639981234 (sa fille)", "Jeanne Dupuis", "0639981234", "sa fille"),
        ("Jeanne Dupuis (sa fille) 0639981234", "Jeanne Dupuis", "0639981234", "sa fille"),
        ("0639981234 (Jeanne Dupuis)", "Jeanne Dupuis", "0639981234", ""),
        ("Roy 0639981234 (Mme Petit)", "Roy", "0639981234", "Mme Petit"),
        ("06 39 98 12 34 / 02 61 91 00 01", "", "06 39 98 12 34 / 02 61 91 00 01", ""),
        ("0639981234 ou 0261910001 bureau", "", "0639981234 / 0261910001", "ou bureau"),
        ("+33 (0)6 39 98 12 34", "", "+33 (0)6 39 98 12 34", ""),
        ("482 913", "", "482 913", ""),
        ("Dupuis 7", "Dupuis 7", "", ""),
        ("王", "王", "", ""),
        ("", "", "", ""),
    ],
)
def test_name_number_and_remark_are_told_apart(text: str, name: str, number: str, remark: str) -> None:
    typed = read_typed(text)
    assert (typed.name, typed.number, typed.remark) == (name, number, remark)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("bensaïd", "", "Bensaïd"),
        ("fatima", "Fatima", ""),
        ("inconnue", "", "Inconnue"),
        ("martin", "", "Martin"),  # as often the one as the other
        ("fatima bensaïd", "Fatima", "Bensaïd"),
        ("bensaïd fatima", "Fatima", "Bensaïd"),
        ("ben said fatima", "Fatima", "Ben Said"),
        ("fatima ben said", "Fatima", "Ben Said"),
        ("inconnue fatima", "Fatima", "Inconnue"),
        ("bensaïd zoé", "Zoé", "Bensaïd"),
        ("zoé inconnue", "Zoé", "Inconnue"),
        ("zoé de la tour", "Zoé", "De La Tour"),
        ("INCONNUE Zoé", "Zoé", "Inconnue"),
        ("Zoé INCONNUE", "Zoé", "Inconnue"),
        ("DE LA TOUR Zoé Marie", "Zoé Marie", "De La Tour"),
        ("ZOÉ INCONNUE", "Zoé", "Inconnue"),
        ("Mme Inconnue", "", "Inconnue"),
        ("Ian McDonald", "Ian", "McDonald"),
        ("王", "", "王"),
        ("mme", "", "Mme"),
        ("", "", ""),
    ],
)
def test_first_and_last_name_go_into_their_fields(text: str, first: str, last: str) -> None:
    assert split_name(text, KNOWN) == (first, last)


@pytest.mark.parametrize(
    ("remark", "owner", "detail"),
    [
        ("sa fille", PhoneOwner.FAMILY, "sa fille"),
        ("belle-sœur", PhoneOwner.FAMILY, "belle-sœur"),
        ("chez le voisin", PhoneOwner.NEIGHBOUR, "chez le voisin"),
        ("assistante sociale", PhoneOwner.SOCIAL_WORKER, "assistante sociale"),
        ("poste 12", None, "poste 12"),
        ("portable", None, ""),
        ("Tél", None, ""),
        ("", None, ""),
    ],
)
def test_words_beside_a_number_say_whose_it_is(remark: str, owner: PhoneOwner | None, detail: str) -> None:
    assert (owner_of(remark), detail_of(remark)) == (owner, detail)


@pytest.mark.django_db
def test_only_names_of_the_own_commune_decide_the_order(commune: Commune) -> None:
    make_resident(make_commune(), first_name="Inconnue", last_name="Zoé", search_name="inconnue zoe")
    make_resident(commune, first_name="Fatima", last_name="Bensaïd", search_name="fatima bensaid")

    def drafted(text: str) -> tuple[str, str]:
        found = search(commune=commune, text=text, now=TUESDAY)
        form = ResidentForm.from_search(found, commune=commune)
        return form.initial["first_name"], form.initial["last_name"]

    assert drafted("Zoé Inconnue") == ("Zoé", "Inconnue")
    assert drafted("Zitouni Fatima") == ("Fatima", "Zitouni")
    assert drafted("Fatima") == ("Fatima", "")


@pytest.mark.django_db
def test_whose_a_number_is_comes_along_from_the_search(commune: Commune) -> None:
    found = search(commune=commune, text="0639984455 (sa fille)", now=TUESDAY)
    [row] = new_phones(commune, found.number_typed, found.remark).forms
    assert row.initial == {
        "number": "0639984455",
        "may_call": True,
        "owner": PhoneOwner.FAMILY,
        "owner_detail": "sa fille",
    }


def phone(commune: Commune, **data: str) -> PhoneForm:
    sent = {f"phones-0-{name}": text for name, text in data.items()}
    forms = bind_phones({"phones-TOTAL_FORMS": "1", "phones-INITIAL_FORMS": "0", **sent}, commune=commune)
    forms.is_valid()
    row = forms.forms[0]
    assert isinstance(row, PhoneForm)
    return row


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sent", "owner", "detail"),
    [
        ({"number": "0639981234 (sa fille)", "owner": "self"}, "family", "sa fille"),
        ({"number": "0639981234 (sa fille)", "owner": "neighbour"}, "neighbour", "sa fille"),
        (
            {"number": "0639981234 (sa fille)", "owner": "self", "owner_detail": "Samia"},
            "family",
            "Samia sa fille",
        ),
        ({"number": "02 61 91 00 01 poste 12", "owner": "self"}, "self", "poste 12"),
        ({"number": "portable : 0639981234", "owner": "self"}, "self", ""),
    ],
)
def test_words_typed_into_the_phone_field_are_kept(
    commune: Commune, sent: dict[str, str], owner: str, detail: str
) -> None:
    [kept] = phone(commune, **sent).phones()
    assert (kept.owner, kept.owner_detail) == (owner, detail)


@pytest.mark.django_db
def test_words_too_long_to_be_kept_are_an_error_and_not_cut(commune: Commune) -> None:
    row = phone(commune, number="0639981234 (" + "sa fille aînée " * 5 + ")", owner="self")
    assert "owner_detail" in row.errors


@pytest.mark.django_db
def test_the_contact_person_is_who_the_words_say(commune: Commune) -> None:
    def form(**data: str) -> ResidentForm:
        values = {"first_name": "Zoé", "last_name": "Roy", "reach_by": "sms", **data}
        return ResidentForm(values, commune=commune)

    told = form(contact_phone="0639981234 (sa fille)")
    assert told.is_valid(), told.errors
    assert (told.cleaned_data["contact_phone"], told.cleaned_data["contact_relation"]) == (
        "+33639981234",
        "sa fille",
    )
    known = form(contact_phone="0639981234 (sa fille)", contact_relation="tutrice")
    assert known.is_valid()
    assert known.cleaned_data["contact_relation"] == "tutrice"


@pytest.mark.django_db
def test_a_contact_number_of_two_countries_is_asked_about() -> None:
    values = {"first_name": "Zoé", "last_name": "Roy", "reach_by": "sms", "contact_phone": "0470 12 34 56"}
    form = ResidentForm(values, commune=make_commune(insee_code="59599"))
    assert form.errors["contact_phone"] == [
        "Deux numéros sont possibles\N{NO-BREAK SPACE}: écrivez +32470123456 ou +33470123456."
    ]
