"""« Analyse d’impact » (AIPD), a draft by the method of the CNIL: context, principles, risks, measures."""

from privacy.papers.categories import AGENTS, RESIDENTS
from privacy.papers.kept import retention_part
from privacy.papers.words import Paper, Part, Say, info

ACCESS = "tests/test_access.py::test_an_agent_of_another_commune_finds_nothing"
ROLES = "tests/test_access.py::test_each_role_opens_its_own_pages_only"
LOGS = "tests/privacy/test_personal_words.py::test_no_personal_word_is_logged_at_any_level"
PURGE = "tests/privacy/test_nothing_left.py::test_the_marks_are_found_before_and_not_after"
MERGED = "tests/test_edits.py::test_what_two_agents_change_apart_is_both_kept"

CONTEXT = (
    Part(
        "1. Contexte",
        (
            info(
                "Le traitement organise les visites dans les cabines connectées de la commune "
                "{of_commune} : "
                "réservation, rappels, accueil, accompagnement."
            ),
            info("Responsable de traitement : la commune {of_commune}. Délégué : {officer}."),
            info("Sous-traitants : hébergeur ({host}) ; {recipients}.", when="recipients"),
            info("Sous-traitant : hébergeur ({host}).", unless="recipients"),
            info("Nombre d’habitants concernés par an : [estimation]. Nombre d’agents : [nombre]."),
            info("Référentiels applicables : [charte informatique, PSSI, référentiel de la collectivité]."),
        ),
    ),
    Part(
        "1.1 Données et supports",
        (
            info("Support : une base de données SQLite ou PostgreSQL, chez l’hébergeur, et ses sauvegardes."),
            info("Durée des sauvegardes : [à compléter avec l’hébergeur]."),
        ),
        head=("Données", "Personnes"),
        rows=(
            *((info(each.name), info("habitants")) for each in RESIDENTS),
            *((info(each.name), info("agents")) for each in AGENTS),
        ),
    ),
    retention_part("1.2 Durées"),
    Part(
        "1.3 Cycle de vie",
        (
            info(
                "L’accueil note le nom et le rendez-vous, au guichet, au téléphone ou par un autre "
                "service de la mairie."
            ),
            info(
                "Le logiciel envoie une confirmation et un rappel, par SMS, appel ou courriel, ou donne "
                "un appel à faire."
            ),
            info(
                "L’habitant s’annonce à l’écran ou à l’accueil ; la visite se termine par un résultat codé."
            ),
            info(
                "Chaque nuit, ce dont le temps est passé est effacé, chez l’opérateur aussi s’il le permet."
            ),
        ),
        is_list=True,
    ),
)
PRINCIPLES = (
    Part(
        "2. Principes fondamentaux",
        head=("Principe", "Comment il est respecté"),
        rows=(
            (
                info("Finalités déterminées"),
                info(
                    "Organiser les visites et rien d’autre : ni prospection, ni profil, ni décision "
                    "automatisée."
                ),
            ),
            (
                info("Fondement"),
                info(
                    "Mission d’intérêt public ; consentement explicite pour la santé et le handicap. "
                    "[Délibération : date]"
                ),
            ),
            (
                info("Minimisation"),
                Say(
                    "Un nom suffit ; le reste est au choix ; les raisons sont des codes.",
                    (
                        "tests/booking/test_residents.py::test_a_resident_needs_neither_phone_nor_last_name",
                        "tests/privacy/test_promises.py::test_nothing_asks_for_a_file_number_or_a_document",
                    ),
                ),
            ),
            (
                info("Exactitude"),
                info(
                    "La fiche est corrigée à l’accueil ; les doublons sont proposés et réunis ; "
                    "l’historique est gardé."
                ),
            ),
            (
                info("Durées"),
                Say("{Months} au plus après la dernière visite ; effacement chaque nuit.", (PURGE,)),
            ),
            (
                info("Information"),
                info("Affiche dans chaque cabine et page publique, faites à partir du registre."),
            ),
            (
                info("Accès, rectification, effacement, limitation"),
                info(
                    "Sur la fiche de l’habitant, à l’accueil ; chaque demande est notée, avec son délai "
                    "d’un mois."
                ),
            ),
            (
                info("Opposition, retrait du consentement"),
                Say(
                    "STOP par SMS ou à l’accueil : il tient même après l’effacement de la fiche, "
                    "jusqu’à son retrait.",
                    (
                        "tests/notifications/test_inbound.py::test_stop_ends_all_messages_and_is_acknowledged",
                        "tests/notifications/test_stop.py::test_it_outlives_the_record_of_whoever_wrote_it",
                    ),
                ),
            ),
            (info("Sous-traitance"), info("[Contrats de l’article 28 : hébergeur, opérateur ; dates]")),
            (
                info("Transferts"),
                info(
                    "Vers {outside} : [clauses contractuelles types ou décision d’adéquation].",
                    when="outside",
                ),
                info("Aucun par les messages.", unless="outside"),
            ),
        ),
    ),
)
RISKS = (
    Part(
        "3. Risques",
        (
            info("Les échelles sont celles de la CNIL : négligeable, limitée, importante, maximale."),
            info("La gravité et la vraisemblance proposées ici sont à confirmer par la commune."),
        ),
        head=("Risque", "Ce qui peut arriver", "Mesures en place", "Gravité, vraisemblance"),
        rows=(
            (
                info("Accès illégitime aux données"),
                info(
                    "Un agent curieux ; un mot de passe deviné ; une base ou une sauvegarde copiée. La "
                    "visite d’une "
                    "personne, ou une difficulté, est connue d’un tiers."
                ),
                Say(
                    "Rôles et cloisonnement par commune, blocage des essais, journaux sans nom, messages "
                    "sans motif.",
                    (
                        ACCESS,
                        ROLES,
                        LOGS,
                        "tests/privacy/test_promises.py::test_no_message_says_what_the_visit_is_for",
                    ),
                ),
                info("limitée, limitée [à confirmer]"),
            ),
            (
                info("Modification non désirée"),
                info(
                    "Deux agents changent une fiche à la fois ; un rendez-vous est pris pour une autre "
                    "personne."
                ),
                Say(
                    "Chaque changement d’un rendez-vous est au journal avec son auteur ; ce que deux "
                    "agents écrivent "
                    "est réuni ou refusé, jamais perdu en silence.",
                    (MERGED,),
                ),
                info("limitée, négligeable [à confirmer]"),
            ),
            (
                info("Disparition des données"),
                info("Panne du serveur, effacement par erreur. Des habitants se déplacent pour rien."),
                Say(
                    "Sauvegarde et restauration éprouvées ; liste du jour imprimable.",
                    ("tests/operation/test_backup.py::test_bookings_go_on_and_the_copy_starts_and_answers",),
                ),
                info("limitée, limitée [à confirmer]"),
            ),
            (
                info("Ce qui se voit dans le lieu"),
                info("Un voisin lit un nom à l’écran, ou entend un appel."),
                Say(
                    "Prénom et initiale seulement, peu avant l’heure, ou un numéro ; les appels ne "
                    "nomment personne "
                    "avant une touche.",
                    (
                        "tests/kiosk/test_board.py::test_no_name_is_shown_outside_its_time",
                        "tests/notifications/test_calls.py::test_a_call_names_nobody_and_no_reason",
                    ),
                ),
                info("limitée, limitée [à confirmer]"),
            ),
            (
                info("Copie pour l’assistance ou la formation"),
                info("Une copie de la base sort de la mairie et des personnes y sont reconnues."),
                Say(
                    "La copie pour l’assistance ne contient que des personnes inventées.",
                    (
                        "tests/privacy/test_copies.py::test_a_join_attack_with_the_original_finds_nobody",
                        "tests/privacy/test_copies.py::test_no_mark_is_left_in_the_bytes_of_the_copy",
                    ),
                ),
                info("limitée, négligeable [à confirmer]"),
            ),
        ),
    ),
)
MEASURES = (
    Part(
        "4. Mesures à prendre par la commune",
        (
            info("Sauvegardes chiffrées (BACKUP_ENCRYPT_FOR) : [oui, non]."),
            info("Écrans d’accueil tournés, postes verrouillés : [oui, non]."),
            info("Un compte par agent, jamais partagé ; revue des comptes : [fréquence, responsable]."),
            info("Affiche posée dans chaque cabine : [date]."),
            info("Formation des agents : [date]."),
        ),
        is_list=True,
    ),
    Part(
        "5. Validation",
        (
            info("Avis du délégué à la protection des données : [avis, date]."),
            info(
                "Avis de personnes concernées ou de leurs représentants : [avis, ou pourquoi il n’a pas "
                "été demandé]."
            ),
            info("Décision du responsable de traitement : [nom, date, signature]."),
        ),
        is_list=True,
    ),
)

ASSESSMENT = Paper(
    name="analyse-impact",
    title="Analyse d’impact relative à la protection des données",
    lead=(
        info("Projet, à compléter et à valider par la commune. Ce qui est entre crochets reste à écrire."),
    ),
    parts=(*CONTEXT, *PRINCIPLES, *RISKS, *MEASURES),
)
