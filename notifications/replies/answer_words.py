"""The words by which people answer, thank, ask for help or ask to be called: tables for `answers.py`. Pure.

`phrases.py` explains how a table is written. Spellings that sound alike need no line of their own. All words
are as `reader.fold` returns them: no accents, lower case, no apostrophes.
"""

# ---- days, hours, numbers ----------------------------------------------------------------------------

_WHEN = {
    "weekday": "lundi, mardi, mercredi, jeudi, vendredi, samedi, dimanche",
    "month": """janvier, janv, fevrier, fevr, fev, mars, avril, mai, juin, juillet, juil, aout, septembre
        sept, octobre, oct, novembre, nov, decembre, dec""",
    "clock": "#h, ##h, #h##, ##h##, # h, ## h, # h ##, ## h ##, # heures, ## heures, # heures ##, ## heures ##",
    "date": "# <month>, ## <month>, 1er <month>, ## <month> ####, # <month> ####",
    "part": "matin, apres midi, aprem, soir, prochain",
    "day": """<weekday> <part>?, le? <weekday>? <date>, <weekday> ##, <weekday> #, <weekday> 1er
        le ##, le #, le 1er, du ##, du #, du 1er, <later>""",
    "later": "demain <part>?, apres demain, aujourd hui, ce matin, cet apres midi, ce soir",
    "on": "pour, pour le, le, du, de, au, a, ce",
    "at": "a, vers",
    "when": "<on>? <day> <at>? <clock>?, <on>? <clock>, vers <clock>",
    "numbered": "######, ### ###",
    "visit": """rdv, rendez vous, rendezvous, rdvs""",
    "my_visit": """le? <visit>, mon <visit>, ce <visit>, notre <visit>, au <visit>, a ce <visit>, a mon <visit>
        pour le? <visit>, du <visit>, pour ce <visit>, pour mon <visit>""",
    "which": """<my_visit> <when>?, <my_visit>? n? <numbered>, <my_visit>? numero <numbered>
        <my_visit> <when> n? <numbered>""",
}

# ---- what changes no meaning -------------------------------------------------------------------------

_COURTESY = {
    "much": "beaucoup, bcp, bien, infiniment, d avance, mille fois, a vous, a tous, a toute l equipe, much, again",
    "thank": """merci <much>?, mercii, merci, mrc, mci, mersi, merciii, un grand merci, remerciements
        je vous remercie <much>?, vous remerciant, grand merci, avec mes remerciements
        thanks, thank you, thx, thank you very much, thanks a lot, many thanks
        شكرا, شكرا جزيلا, شكرا لكم, شكرا لك, choukran, chokran, shukran, choukran bzaf, chokran bzaf""",
    "hail": "bonjour, bonsoir, bjr, bsr, salut, slt, coucou, hello, hi, re bonjour, مرحبا, السلام عليكم, salam",
    "title": "madame, monsieur, mme, mr, mlle, messieurs dames, madame monsieur, monsieur le maire, chere madame",
    "please": """svp, stp, s il vous plait, s il te plait, sil vous plait, please, من فضلك, من فضلكم, لو سمحتم
        cordialement, bien cordialement, cdt, cdlt, bien a vous, salutations, respectueusement, sincerement""",
    "bye": """bonne? bon? journee, bonne journee, bonne soiree, bon week end, bon weekend, bonne fin de journee
        bon apres midi, bonne apres midi, bonne semaine, a bientot, au revoir, bon dimanche, bonne nuit""",
    # Marks that a dictating phone writes out, and lines that a phone adds.
    "dictated": "point, virgule, point d exclamation, point final, points de suspension",
    "added": """envoye de mon * *?, envoye depuis mon * *? *?, envoye a partir de mon *? *?, sent from my * *?
        envoye depuis mon telephone, envoye de mon telephone portable""",
    "courtesy": "<thank>, <hail>, <title>, <please>, <bye>, <dictated>, <added>, et",
    # Around a no only words that cannot be read together with it: « 2 messieurs », « 2 points » are none.
    "plain_courtesy": """<thank>, <hail>, <please>, madame, monsieur, mme, <added>, <sorry>
        bonne journee, bonne soiree, bon week end, au revoir""",
    "sorry": """desole, desolee, je suis desole, je suis desolee, navre, navree, pardon, excusez moi, sorry
        toutes mes excuses, mes excuses, vraiment desole""",
    "signed": "mme *, mr *, mlle *, madame *, monsieur *",
    "god_willing": "inchallah, inch allah, incha allah, inshallah, in cha allah, ان شاء الله",
}

# ---- yes ---------------------------------------------------------------------------------------------

_YES = {
    "oui": """oui, ouii, ouai, ouais, ouaip, ouep, wi, woui, yes, yep, yeah, yes sir, si si
        نعم, اي, ايوه, اكيد, na3am, naam, 1""",
    "ok": """ok, okay, okey, oki, okk, d accord, daccord, dacord, d acord, d ac, d acc, dac, ok d ac, ca marche
        sa marche, ca roule, entendu, bien entendu, c est entendu, ca joue
        موافق, اوكي, wakha, wakha""",
    "gladly": """bien sur, biensur, bien sure, absolument, tout a fait, evidemment, bien evidemment
        naturellement, certainement, avec plaisir, avec joie, volontiers, sans probleme, sans souci
        sans hesitation, sure, of course""",
    "confirm": """confirme, confirmee, confirmes, confirmer, confirm, confirn, comfirme, confime, confrime
        conffirme, comfirm, konfirme, valide, valider, validee""",
    "i": "je, j, nous, on, moi je, moi j, i",
    "verily": "bien, donc, toujours, egalement, absolument, volontiers, evidemment, sur",
    "presence": """ma presence, ma venue, notre presence, notre venue, presence, ma participation, ma visite
        ma presence <my_visit>, ma venue <my_visit>, notre presence <my_visit>""",
    "confirming": """<confirm> <verily>?, <i> vous? le? l? <confirm> <verily>?, <confirm> <presence>, <confirm> <which>
        <i> vous? <confirm> <verily>? <presence>, <i> vous? <confirm> <verily>? <which>
        nous? vous? confirmons <verily>? <presence>?
        nous vous? confirmons <which>, <i> vous? <confirm> que? <coming>, confirmation
        confirmation <which>, confirmation de <presence>, <i> vous? confirm <which>?
        <which> <confirm>, c est <confirm>, <presence> <confirm>
        <i>? maintiens, <i>? maintien, <i>? maintiens <which>, <i>? le maintiens, <which> maintenu
        nous maintenons, nous maintenons <which>, c est maintenu""",
    "come": "viens, vien, vient, viendrai, viendrais, viendra, viendrons, venons, will come",
    "here": """la, present, presente, presents, presentes, bien la, au <visit>, la <my_visit>, dispo, disponible
        disponibles, a l heure, la a l heure, presente <my_visit>, present <my_visit>, des votres, ponctuel
        ponctuelle, there, fidele au poste""",
    "be": "serai, sera, serons, serait, will be, ll be",
    "shall": "serai, serons",
    "coming": """<i> <verily>? <come> <verily>? <when>?, <i> <verily>? <be> <verily>? <here>
        <shall> <verily>? <here>, <i> y <be> <verily>?, y <shall> <verily>?, jy <shall>
        <i> suis dispo, <i> suis disponible, nous sommes disponibles, dispo, disponible
        present, presente, presents, presentes
        ساحضر, ساتي, ساكون حاضرا, ساكون هناك""",
    "suits": """ca <me> <fit>, cela <me> <fit>, sa <me> <fit>, c est bon pour <us>, c bon pour <us>
        ce bon pour <us>, c est ok, c est ok pour <us>, c ok, c ok pour <us>, ok pour <us>
        pour <us> c est bon, pour <us> c est ok, pour <us> c ok, c est bon pour <us> <when>
        c est parfait pour <us>, c est d accord, bon pour <us>, ca convient, parfait pour <us>
        <which> me <fit>, c est d accord pour <us>""",
    "me": "me, nous",
    "us": "moi, nous",
    "fit": "va, convient, vas, convien, va bien, va tres bien, convient bien, convient tres bien, va parfaitement",
    "choose": """je tape, je reponds, je repond, je reponds le, reponse, numero, option, choix, touche
        je choisis, je choisi, j appuie sur, je mets, ma reponse, ma reponse est, ma reponse c est le""",
    "one": "<choose> 1, le 1, je dis oui, je reponds oui, ma reponse est oui, <choose> oui",
    # The question copied with the key.
    "copied_yes": """1 si vous venez, 1 si je viens, 1 pour confirmer <my_visit>?, 1 pour prendre <which>?
        1? <i> <taking>, 1? i take it, 1? i will take it, 1? i ll take it, 1? اخذه""",
    "taking": "le prends, le prend, le prendrai, la prends, prends <my_visit>, prends <which>",
    "yes_ar": "ساحضر, اوكد, تاكيد, اوكد الحضور, اوكد حضوري, نعم ساحضر, اوكد الموعد",
    "yes": "<oui>, <ok>, <gladly>, <confirming>, <coming>, <suits>, <one>, <copied_yes>, <yes_ar>",
    # « Je vous confirme demain » is not yet a yes, « si vous venez me chercher » has a condition.
    "put_off": "<confirm> <later>, <confirm> ca <later>, si vous venez me, si vous venez nous",
    # Said together with a yes, but too little alone.
    "with_yes": """c est bon, c bon, ce bon, cest bon, c est note, note, c est bien note, bien note, bien recu
        message recu, recu, parfait, super, tres bien, c est parfait, impeccable, nickel, genial, bien
        parfaitement, sans faute, pas de probleme, pas de souci, pas de soucis, aucun probleme, top, cool
        i m coming, i am coming, c est super, c est tres bien, je note, je le note, c est gentil, de votre appel, pour le rappel
        du rappel, pour moi, pour nous, a l heure, de ma part, bien entendu, a tout a l heure""",
}

# ---- no ----------------------------------------------------------------------------------------------

_NO = {
    "undo": "annule, annuler, annulee, annul, anul, anulle",
    # « Annuler pour mardi » may ask for Tuesday instead.
    "undone": """le? <visit>, mon <visit>, ce <visit>, notre <visit>, celui <of_day>, le? <visit> <of_day>
        mon <visit> <of_day>, ce <visit> <of_day>, <of_day>, <visit> <numbered>, le <visit> <numbered>
        mon <visit> <numbered>, le? n? <numbered>, le? <visit> n <numbered>, le? <visit> numero <numbered>""",
    "of_day": "de? <day> <at>? <clock>?, du <day> <at>? <clock>?",
    "i_undo": "j <undo>, je <undo>, je l <undo>, j <undo> <undone>, je <undo> <undone>, jannule, janule",
    # Alone it may be a wish for another day; with the key it is a no.
    "decline": """je ne? viens pas, je ne? viens plus, je ne? viendrai pas, je ne? peux pas venir, je ne? peux pas
        je ne? peux plus venir, je ne? pourrai pas venir, je ne? pourrai pas, je ne? serai pas la
        je ne? serai pas present, je ne? serai pas presente""",
    "copied_no": """2 pour l? annuler <my_visit>?, 2 si vous n? en voulez pas, 2 si je n? en veux pas
        2 si vous ne? venez pas, 2 si je ne? viens pas, 2 i cancel""",
    "no": """<copied_no>, 2 <decline>, 2 non <decline>, 2, <choose> 2, 2 non, non 2, non <i_undo>, 2 non <i_undo>, 2 no, no 2, 2 لا, لا 2
        <undo>, <undo> <undone>, <undo> 2, <i_undo>, 2 <undo>, 2 <i_undo>, <i_undo> 2
        <undo> point, <i_undo> point
        2 <numbered>, <numbered> 2, <numbered> <undo>, <numbered> <i_undo>, <choose> 2 <numbered>
        non <numbered>, 2 non <numbered>, non 2 <numbered>, 2 <undo> <numbered>, 2 rdv <numbered>
        cancel, cancel <numbered>, please cancel, 2 cancel, cancel my appointment, cancel appointment
        الغاء, الغي, الغاء الموعد, الغ الموعد, الغوا الموعد, 2 الغاء, الغاء 2, الغاء <numbered>""",
}

# ---- thanks ------------------------------------------------------------------------------------------

_THANKS = {
    "noted": """bien recu, message recu, message bien recu, recu, c est note, c est bien note, note, bien note
        je note, parfait, super, tres bien, c est parfait, c est gentil, c est tres gentil, gentil, c est bon a savoir
        impeccable, nickel, c est sympa, trop gentil, de rien, je vous en prie, <bye>""",
    "for": """pour le rappel, pour votre rappel, pour ce rappel, du rappel, de votre rappel, pour le message
        pour votre message, pour ce message, de votre message, du message, pour l info, pour l information
        pour les infos, pour ces infos, pour tout, de m avoir prevenu, de m avoir prevenue, de me prevenir
        de nous avoir prevenus, de m avoir averti, de m avoir informe, de m avoir rappele, de votre reponse
        pour votre reponse, de l info, de l information, pour votre aide, pour votre appel, de votre appel
        pour votre gentillesse, pour votre patience, de votre patience, for the reminder, for your message
        de votre comprehension, votre message, votre rappel, le rappel, le message""",
    "meeting": "a? <day>, a tout a l heure, a plus tard, a plus",
    "thanks": "<thank>, <thank> <for>, <noted>, <noted> <for>",
}

# ---- help --------------------------------------------------------------------------------------------

_HELP = {
    "answer_verb": "repondre, reponds, repond, repondez, taper, ecrire, envoyer, mettre",
    "help": """aide, aidez moi, aide moi, a l aide, help, help me, info, infos, informations, infos svp
        besoin d aide, j ai besoin d aide, j aurais besoin d aide, i need help, je veux de l aide
        que faut il <answer_verb>, qu est ce qu il faut <answer_verb>, que dois je <answer_verb>
        qu est ce que je dois <answer_verb>, quoi <answer_verb>, je dois <answer_verb> quoi
        comment <answer_verb>, comment faut il <answer_verb>, comment on <answer_verb>, comment je <answer_verb>
        comment dois je <answer_verb>, comment faire pour <answer_verb>, comment je fais pour <answer_verb>
        je ne? sais pas quoi <answer_verb>, je ne? sais pas comment <answer_verb>, il faut <answer_verb> quoi
        مساعده, ساعدوني, مساعده من فضلكم""",
}

# ---- a wish to be called -----------------------------------------------------------------------------

_CALL = {
    "ring": """rappeler, rappele, rappelle, rapeler, rapele, rapelle, rapl, rapeller, rappelez, appeler, appelle
        apeler, apele, appel, rapel, telephoner, telephone, contacter, contacte, joindre, recontacter, recontacte
        rappeliez, appeliez, contactiez, telephoniez""",
    "person": """ma fille, mon fils, ma mere, mon pere, mon mari, ma femme, ma soeur, mon frere, ma voisine
        mon aidante, mon aidant, ma belle fille, mon epouse, mon epoux, mes enfants, ma tutrice, mon tuteur""",
    # An order or a request in words that no negation can precede.
    "call_order": """<ring> moi, <ring> nous, merci de <ring>, merci de bien vouloir <ring>, merci de bien vouloir me <ring>
        merci de me <ring>, merci de m <ring>, merci de nous <ring>
        priere de <ring>, prenez contact avec moi, prenez contact avec nous, passez moi un coup de fil
        attends votre appel, attend votre appel, attente de votre appel, attendons votre appel
        اتصل بي, اتصلوا بي, اتصلي بي, كلموني, كلمني, عاودوا الاتصال""",
    "call_me": """<ring> <person>, me <ring>, m <ring>, nous <ring>, etre <ring>
        bien vouloir <ring>, a <ring>, veuillez <ring>, qu on me <ring>, qu on m <ring>
        qu on nous <ring>, que quelqu un me <ring>, que quelqu un m <ring>
        un coup de fil, un coup de telephone, prendre contact avec moi, prendre contact avec nous
        entrer en contact avec moi, parler a quelqu un, parler avec quelqu un
        call me, call me back, call back, ring me, phone me, call us, give me a call""",
    "no_call": """je, j, ai, a, il, elle, ils, elles, ne, n, pas, sans, inutile de, pas besoin de, pas besoin d
        pas la peine de, plus la peine de, plus besoin de, pas necessaire de, aucun besoin de, evitez de
        va, vont, pourquoi, n essayez pas de, don t, not, do not, no need to""",
    "not_now": "pas, jamais",
}

TABLE = {**_WHEN, **_COURTESY, **_YES, **_NO, **_THANKS, **_HELP, **_CALL}
