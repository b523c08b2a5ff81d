"""« Fiche pour le registre des traitements » (article 30 of the GDPR)."""

from collections.abc import Iterable

from privacy.papers.categories import AGENTS, RESIDENTS, Category
from privacy.papers.kept import retention_part
from privacy.papers.words import Paper, Part, Say, info


def _listed(categories: Iterable[Category]) -> Say:
    return info(" ; ".join(each.name for each in categories).capitalize() + ".")


def _row(label: str, *says: Say) -> tuple[Say, ...]:
    return (info(label), *says)


ROWS = (
    _row("Traitement", info("Rendez-vous dans les cabines connectées et accompagnement numérique.")),
    _row(
        "Responsable",
        info(
            "La commune {of_commune}, représentée par son maire ; délégué à la protection des données : "
            "{officer}."
        ),
    ),
    _row(
        "Finalités",
        info("Réserver et organiser les visites ; confirmer, rappeler, prévenir d’un changement."),
        info(
            "Accueillir à l’heure dite ; répartir le travail des aidants ; compter anonymement les visites."
        ),
    ),
    _row(
        "Base légale",
        info("Mission d’intérêt public, article 6, paragraphe 1, point e, du RGPD."),
        info(
            "Pour les besoins qui touchent à la santé ou au handicap et pour les démarches médicales : "
            "consentement explicite, article 9, paragraphe 2, point a, recueilli à l’oral, qui peut être "
            "retiré à "
            "tout moment."
        ),
    ),
    _row(
        "Personnes",
        info(
            "Habitants qui prennent rendez-vous ; leurs proches désignés par eux ; agents, aidants et "
            "bénévoles."
        ),
    ),
    _row("Données, habitants", _listed(RESIDENTS)),
    _row("Données, agents", _listed(AGENTS)),
    _row(
        "Données non traitées",
        Say(
            "Numéros de dossier ou de sécurité sociale, pièces et documents, contenu des démarches, "
            "enregistrements "
            "de voix ou d’image.",
            (
                "tests/privacy/test_promises.py::test_nothing_asks_for_a_file_number_or_a_document",
                "tests/privacy/test_promises.py::test_no_column_holds_a_file_or_what_was_looked_at",
            ),
        ),
    ),
    _row(
        "Destinataires",
        info("Agents de la commune selon leur rôle (accueil, aidant, responsable)."),
        info("Hébergeur : {host}."),
        info("Messages : {recipients}.", when="recipients"),
        info("Aucun message ne part d’ici.", unless="recipients"),
        Say(
            "Chaque nuit, Permanence fait effacer chez {erased} les textes et les appels plus anciens "
            "que la durée de "
            "conservation de la commune.",
            (
                "tests/notifications/test_erasures.py::"
                "test_what_is_older_than_the_commune_keeps_it_is_deleted_at_the_provider",
            ),
            when="erased",
        ),
    ),
    _row(
        "Transferts hors de l’Union",
        info(
            "Vers {outside} : [décision d’adéquation ou clauses contractuelles types, à vérifier au "
            "contrat].",
            when="outside",
        ),
        info("Aucun par les messages.", unless="outside"),
        info("Hébergement : [dans l’Union, à vérifier au contrat]."),
    ),
    _row(
        "Durées",
        Say(
            "Habitants, rendez-vous, journal, messages : {months} au plus après la dernière visite, puis "
            "effacement "
            "automatique chaque nuit.",
            (
                "tests/privacy/test_purge.py::test_the_last_visit_counts_to_the_day",
                "tests/privacy/test_nothing_left.py::"
                "test_every_table_that_goes_with_the_purge_is_empty_after_it",
            ),
        ),
        info("Le détail est dans le tableau plus bas."),
    ),
    _row("Décision automatisée", info("Aucune.")),
    _row(
        "Sécurité",
        Say(
            "Accès par compte personnel, mots de passe hachés (argon2), blocage après des échecs répétés, "
            "cloisonnement par commune.",
            (
                "tests/test_access.py::test_an_agent_of_another_commune_finds_nothing",
                "tests/agents/test_guessing.py::test_no_address_and_no_name_is_stored",
            ),
        ),
        info("HTTPS, politique de contenu stricte, jetons d’écran et clés d’API gardés sous forme hachée."),
        Say(
            "Journaux techniques sans nom ni numéro.",
            ("tests/privacy/test_personal_words.py::test_no_personal_word_is_logged_at_any_level",),
        ),
        info("Journal de chaque changement et de chaque consultation d’une fiche."),
    ),
    _row(
        "Droits",
        info("Accès, rectification, effacement, limitation, opposition, retrait du consentement."),
        info("À l’accueil ou auprès du délégué ; réclamation auprès de la CNIL."),
        info(
            "Pas de portabilité : le traitement ne repose ni sur un contrat ni, pour l’essentiel, sur le "
            "consentement."
        ),
    ),
)

RECORD = Paper(
    name="registre",
    title="Fiche pour le registre des traitements",
    lead=(),
    parts=(
        Part("", head=("Rubrique", "Contenu"), rows=ROWS),
        retention_part("Durées de conservation"),
    ),
)
