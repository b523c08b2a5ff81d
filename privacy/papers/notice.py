"""« Affiche pour les habitants »: hung in the cabins, and read on the page that everybody may open."""

from privacy.papers.words import Paper, Part, Say, info

NOTICE = Paper(
    name="affiche",
    title="Vos informations, ici",
    lead=(
        info(
            "La {town_hall} utilise le logiciel Permanence pour organiser les rendez-vous dans les cabines "
            "connectées."
        ),
    ),
    parts=(
        Part(
            "Ce que nous notons",
            (
                info("Votre nom et votre prénom, le jour, l’heure et le sujet du rendez-vous."),
                info(
                    "Si vous le souhaitez : un téléphone, une adresse (électronique ou postale), votre "
                    "année de naissance, votre langue, un proche à prévenir."
                ),
                info("Et ce qui peut faciliter votre venue (un fauteuil roulant, par exemple)."),
                info("Ce qu’il faut préparer ou apporter, et les messages que nous échangeons."),
                Say(
                    "Vous pouvez venir sans donner de téléphone.",
                    (
                        "tests/booking/test_residents.py::test_a_resident_needs_neither_phone_nor_last_name",
                        "tests/booking/test_desk_page.py::test_someone_without_a_phone_can_be_recorded",
                    ),
                ),
                Say(
                    "Rien ne demande un numéro de dossier, ni de sécurité sociale, ni une pièce.",
                    ("tests/privacy/test_promises.py::test_nothing_asks_for_a_file_number_or_a_document",),
                ),
            ),
        ),
        Part(
            "Pourquoi",
            (
                info(
                    "Pour vous réserver un horaire, vous le rappeler, et vous prévenir s’il y a un "
                    "changement."
                ),
                info("C’est une mission de service public de la mairie."),
                info(
                    "Ce que vous nous dites de votre santé ou d’un handicap n’est noté qu’avec votre accord."
                ),
                Say(
                    "Vous pouvez changer d’avis quand vous voulez.",
                    ("tests/privacy/test_promises.py::test_what_helps_the_visit_is_taken_out_at_any_time",),
                ),
            ),
        ),
        Part(
            "Qui le voit",
            (
                Say(
                    "Les agents d’accueil, les aidants et les responsables de la commune, et personne d’une "
                    "autre commune.",
                    (
                        "tests/test_access.py::test_an_agent_of_another_commune_finds_nothing",
                        "tests/test_access.py::test_a_stranger_is_sent_to_the_login",
                        "tests/agents/test_technician.py::test_a_technician_finds_no_name_at_any_address",
                    ),
                ),
                Say(
                    "Nous notons quel agent a ouvert votre fiche.",
                    ("tests/privacy/test_looked_everywhere.py::test_whoever_shows_somebody_notes_it",),
                ),
                info(
                    "Les SMS et les appels passent par : {carriers}. Votre numéro et le texte du message "
                    "y sont "
                    "transmis.",
                    when="carriers",
                ),
                info("Si vous demandez qu’un proche soit prévenu, il reçoit le jour, l’heure et le lieu."),
                Say(
                    "Aucun message ne dit pourquoi vous venez.",
                    (
                        "tests/privacy/test_promises.py::test_no_message_says_what_the_visit_is_for",
                        "tests/notifications/test_calls.py::test_a_call_names_nobody_and_no_reason",
                    ),
                ),
                Say(
                    "L’écran de la cabine affiche votre prénom et l’initiale de votre nom, au plus tôt "
                    "{minutes} "
                    "minutes avant l’heure.",
                    (
                        "tests/kiosk/test_privacy.py::"
                        "test_nothing_fetched_holds_more_of_a_person_than_allowed",
                        "tests/kiosk/test_board.py::test_waits_for_someone_from_twenty_minutes_before",
                        "tests/kiosk/test_board.py::test_no_name_is_shown_outside_its_time",
                        "tests/kiosk/test_privacy.py::test_of_a_surname_one_letter_at_most_is_kept",
                    ),
                    when="minutes",
                ),
                Say(
                    "L’écran de la cabine n’affiche aucun nom.",
                    ("tests/kiosk/test_board.py::test_a_commune_may_show_names_later_or_never",),
                    unless="minutes",
                ),
                Say(
                    "Si vous préférez un numéro, dites-le à l’accueil.",
                    (
                        "tests/kiosk/test_privacy.py::"
                        "test_nothing_fetched_holds_more_of_a_person_than_allowed",
                    ),
                    when="minutes",
                ),
            ),
        ),
        Part(
            "Combien de temps",
            (
                Say(
                    "{Months} au plus après votre dernière visite.",
                    (
                        "tests/privacy/test_purge.py::test_the_last_visit_counts_to_the_day",
                        "tests/privacy/test_purge.py::test_a_commune_may_forget_sooner_and_forgets_nobody_else",
                    ),
                ),
                Say(
                    "Nous gardons plus longtemps seulement ce que vous demandez de garder, et ce qu’il "
                    "faut pour vous répondre.",
                    (
                        "tests/privacy/test_limiting.py::"
                        "test_the_purge_leaves_a_limited_record_for_five_years_more",
                        "tests/privacy/test_purge.py::"
                        "test_whoever_waits_for_an_answer_is_not_forgotten_before_it",
                    ),
                ),
                Say(
                    "Ensuite tout est effacé ; il ne reste que des nombres : combien de personnes sont "
                    "venues, "
                    "sans savoir qui.",
                    (
                        "tests/privacy/test_nothing_left.py::test_the_marks_are_found_before_and_not_after",
                        "tests/privacy/test_nothing_left.py::"
                        "test_every_table_that_goes_with_the_purge_is_empty_after_it",
                    ),
                ),
            ),
        ),
        Part(
            "Ce que vous faites dans la cabine",
            (
                Say(
                    "Permanence ne voit pas les sites que vous ouvrez.",
                    (
                        "tests/privacy/test_promises.py::test_no_column_holds_a_file_or_what_was_looked_at",
                        "tests/privacy/test_register.py::test_every_column_of_every_table_is_declared",
                    ),
                ),
                Say(
                    "Les papiers que vous scannez ne sont pas gardés par Permanence.",
                    (
                        "tests/privacy/test_promises.py::test_no_column_holds_a_file_or_what_was_looked_at",
                        "tests/privacy/test_register.py::test_every_column_of_every_table_is_declared",
                    ),
                ),
                info("Pensez à vous déconnecter et à reprendre vos papiers."),
            ),
        ),
        Part(
            "Vos droits",
            (
                Say(
                    "Vous pouvez demander à voir ce que nous avons noté, le faire corriger ou effacer.",
                    (
                        "tests/privacy/test_held_page.py::test_the_page_has_every_word_that_is_kept",
                        "tests/privacy/test_erasing_everything.py::"
                        "test_nothing_is_left_in_any_table_nor_at_the_provider",
                    ),
                ),
                Say(
                    "Vous pouvez aussi nous demander d’arrêter, ou de garder vos informations sans les "
                    "utiliser.",
                    (
                        "tests/privacy/test_withdrawing.py::"
                        "test_automatic_messages_end_and_the_number_is_on_the_stop_list",
                        "tests/privacy/test_limiting.py::"
                        "test_the_panel_and_the_record_say_that_it_is_limited",
                    ),
                ),
                Say(
                    "Pour ne plus recevoir de messages, répondez STOP, ou dites-le à l’accueil : nous vous "
                    "appellerons nous-mêmes.",
                    (
                        "tests/notifications/test_inbound.py::"
                        "test_stop_ends_all_messages_and_is_acknowledged",
                        "tests/notifications/test_stop.py::test_no_call_is_made_instead",
                    ),
                ),
                info(
                    "Adressez-vous à l’accueil, au {phone}, ou au délégué à la protection des données : "
                    "{officer}."
                ),
                info(
                    "Si notre réponse ne vous convient pas, vous pouvez écrire à la CNIL (3, place de "
                    "Fontenoy, "
                    "TSA 80715, 75334 Paris Cedex 07) ou sur cnil.fr."
                ),
            ),
        ),
    ),
)
