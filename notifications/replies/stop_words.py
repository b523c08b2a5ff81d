"""The words by which people ask for no more messages, or for messages again: tables for `stops.py`. Pure.

`phrases.py` explains how a table is written. Spellings that sound alike need no line of their own. All words
are as `reader.fold` returns them: no accents, lower case, no apostrophes.
"""

# ---- small words, and words for what we send ---------------------------------------------------------

_SMALL = {
    "small": """de, d, des, du, vos, tes, les, ces, ce, cet, cette, l, le, la, votre, ton, mes, mon, ma,
        tous, toutes, toute, tout, aux, au, a, avec, aucun, aucune, autres, cela, ca, moi
        your, the, any, all, these, those, more, my, me, sending""",
    "smalls": "<small> <small>? <small>? <small>?",
    "thing": """message, messages, messag, msg, msgs, mesg, mess, sms, texto, textos, txt, rappel, rappels
        notif
        notification, alerte, pub, publicite, spam, harcelement, envoi, relance, communication, sollicitation
        text, texts, text messages, notifications, reminders""",
    "kind": "sms, automatique, texte, mairie, de la mairie, inutile, de rappel",
    "one_what": "<smalls>? <thing> <kind>?, appels et <thing>, <thing> et appels, <thing> et mails",
    "what": """<one_what>, <one_what> et <one_what>, <one_what> ni <one_what>, tout ca, tout cela, tout sa
        tt, it""",
    "all": "tout, tous, tt, ca, sa, cela, tout ca, tout sa, tout cela, <what>",
    "mail": """<smalls>? mail, <smalls>? mails, <smalls>? email, <smalls>? e mail, <smalls>? e mails
        <smalls>? courriel, <smalls>? courrier, <smalls>? courriers""",
    "call": "<smalls>? appel, <smalls>? appels, <smalls>? coup de fil, <smalls>? calls",
    "me": "m, me, nous",
}

# ---- what they ask us not to do ----------------------------------------------------------------------

_DOING = {
    "do": """envoyer, anvoyer, envoier, envoyee, envoie, ecrire, ecrir, ecrivez, ecrit, contacter, deranger
        harceler, spammer, relancer, embeter, importuner, solliciter, bombarder, saouler, emmerder
        texter, ennuyer, recevoir, resevoir""",
    "send": "envoyer, anvoyer, envoier, envoie, envoyee, adresser",
    "write": """ecrire, ecrivez, ecrit, ecris, contacter, deranger, harceler, relancer, embeter, solliciter
        importuner, texter""",
    "ring": "appeler, appelle, rappeler, rappelle, telephoner, telephone",
    "done": "contacte, derange, sollicite, importune, harcele, relance, embete",
    "rung": "appele, rappele, telephone",
    "stop": "stop, stope, stops, stopp, sto p, sotp, stpo, stoop, s t o p, stoper, stopper, stoppez",
    "cease": """arreter, arrete, areter, arettez, arretiez, arreté, cesser, cessez, cesse, cecez""",
    "end": "<stop>, <cease>, stop all, stopall, stopsms",
    "ends": "<end> <end>? <end>? <end>?",
    "leave": """desabonner, desinscrire, desinscrir, desincrire, desabonnez, desinscrivez, desincrivez
        desinscrit
        desabonnement, desinscription, desincription, desinscriptions""",
    "leaves": "<leave>, <me> <leave>, se <leave>, s <leave>, <leave> moi, <leave> nous",
    "wish": """veux, veut, veu, voudrais, souhaite, souhaiterais, desire, desirerais, demande, aimerais
        refuse""",
    "list": """liste, listes, fichier, fichiers, contacts, base, bases, repertoire, envois, listing
        liste d envoi, liste de diffusion""",
}

# ---- a STOP, whatever else the message says ----------------------------------------------------------

_PLAIN = {
    # « Arrêtez de m'envoyer des messages », « ne me contactez plus »: long enough to be unmistakable.
    "firm": """<end> de? d? <me>? <do> <all>?, <end> svp de? d? <me>? <do> <all>?
        <end> s il vous plait de? d? <me>? <do> <all>?
        ne? n? <me> <write> moi? plus jamais?, n <write> plus jamais?, n <send> plus <what>
        <me> <send> plus <what>
        ne <me>? <send> moi? plus <what>?, <me> <send> plus, ne <me>? <send> plus rien
        arret de? d? <me> <do> <all>?, n <send> plus rien, <me> <send> plus rien
        ne <me>? <send> pas <what>, n <send> pas <what>
        <me> <send> pas <what>, <not_wish> que vous <me>? <doing> <what>?, ne <wish> plus <what>
        ne <wish> pas <what>
        n <wish> plus <what>, <wish> ne plus <what>, quit texting me?, quit messaging me?
        no longer want <what>, no longer want to receive <what>, do not wish to receive <what>
        do not want to receive <what>, don t want to receive <what>
        ne plus <me>? <do> <what>?, ne plus <me>? <do> rien, ne pas <me>? <do> <what>, ne plus rien <me>? <do>
        <not_wish> recevoir <what>?, <not_wish> resevoir <what>?, <not_wish> rien recevoir
        <not_wish> avoir <what>
        <not_wish> etre <done>, ne plus etre <done>, je <wish> ne plus etre <done>
        refuse de recevoir <what>, refuse <what>
        <leave> moi <from_list>?, <leave> nous <from_list>?
        stop texting me?, stop messaging me?, stop contacting me?, stop bothering me?, stop spamming me?
        stop harassing me?, stop sending me? <what>?, stop writing me?
        do not <en_do> <en_me>? <en_again>?, don t <en_do> <en_me>? <en_again>?
        dont <en_do> <en_me>? <en_again>?
        never <en_do> <en_me>? <en_again>?, do not want <what> <en_again>?, don t want <what> <en_again>?""",
    "not_wish": """ne <wish> plus, n <wish> plus, <wish> plus, <wish> ne plus, ne <wish> pas, <wish> pas
        n <wish> pas
        jveux plus, jveux pas, j <wish> plus""",
    "from_list": "<smalls> <list>, <smalls> <list> svp, <what>",
    "en_do": "text, message, contact, write, send",
    "en_me": "me, us, to me, me <what>",
    "en_again": "again, any more, anymore",
    # « Stop », « arrêtez tout », « désinscription »: a STOP if the message says nothing else.
    "short": """<ends> <all>?, <ends> <smalls> <thing>, <ends> a tout, <ends> la? mairie
        <ends> <thing> <kind>?
        <leaves> <from_list>?, <leaves> <smalls> <list>, arret <what>, fin <what>
        plus aucun <thing>, plus aucune <thing>, basta, pas de <thing>, pas <what>, aucun <thing>
        aucune <thing>
        me? retirer de vos envois, retirez moi de vos envois
        laissez moi <peace> <with>?, laissez nous <peace>, foutez moi <peace>, fichez moi <peace>
        fichez nous <peace>
        foutre <peace>, lachez moi la? grappe? <with>?
        leave me alone, opt out, optout, revoke, unsubscribe me?, end, quit, no more <what>, no <thing>
        <no_arabic>""",
    "with": "avec <what>",
    "doing": """contactiez, contactez, ecriviez, ecrivez, envoyiez, envoyez, derangiez, derangez, relanciez
        harceliez""",
    "peace": "tranquille, tranquil, la paix, en paix",
    "messages_ar": "رسايل, الرسايل, رسايلكم, رساله",
    "end_ar": "توقف, توقفوا, وقف, وقفوا, ايقاف, اوقفوا, اوقف, قف, كفي",
    "no_arabic": """<end_ar> عن? ارسال? <messages_ar>?, <end_ar> عن مراسلتي, <end_ar> عن ازعاجي
        الغاء الاشتراك
        لا اريد اي? <messages_ar>, لا اريد المزيد من <messages_ar>, لا اريد استلام <messages_ar>
        لا ترسلوا لي? اي? <messages_ar>?, لا ترسل لي? اي? <messages_ar>?, لا تراسلوني, لا تراسلني
        <end_ar> عن الارسال, لا اريد ان تصلني <messages_ar>, ما بغيت <messages_ar>""",
}

# ---- a STOP whose words a human must read ------------------------------------------------------------

_DOUBT = {
    # It may be about calls only, or « madame »; someone who wants their number deleted must get an answer.
    "doubt": """<end> <call>, <end> <mail>, <end> de? d? <me>? <ring>, ne? n? <me> <ring> plus jamais?
        ne plus <me>? <ring>, <not_wish> etre <rung>, ne plus etre <rung>, ne <wish> plus <call>
        ne pas <me> <write>, pas besoin <what>, inutile de <me>? <do> <what>?
        comment faire? pour? <ends> <what>, comment faire? pour? <leaves> <from_list>?
        <leaves> comment faire?
        comment faire? pour? ne plus <do> <what>?, comment faire? pour? <ends> de <me>? <do> <what>?
        <erase> moi de vos <list>, <erase> moi de votre <list>, me <erase> de vos <list>
        me <erase> de votre <list>
         <erase> mon numero, <erase> mes coordonnees, <erase> mes donnees
        <erase> mon numero <smalls> <list>, <erase> mon numero dans <small> <list>
        <erase> mes donnees <smalls> <list>
        stop calling me?, do not call me? <en_again>?, don t call me? <en_again>?, dont call me? <en_again>?
        remove me from <smalls> list, remove my number, take me off <smalls> list, delete my number
        لا تتصلوا بي?, <end_ar> عن الاتصال بي?""",
    "erase": "supprimer, effacer, enlever, retirer, oublier",
    # It may ask for more (« je souhaite plus de messages »), or be a bus stop (« arrêt »).
    "faint": "plus jamais? <what>, <send> moi? plus <what>, <not_wish> <what>, plus <call>, arret, arrets",
}

# ---- not a STOP --------------------------------------------------------------------------------------

_OTHERS = {
    # The number belongs to somebody else.
    "wrong": """<small>? mauvais numero, <small>? faux numero, erreur de numero, erreur de personne
        numero errone
        vous vous? trompez de numero, vous vous? trompez de personne, vous vous etes trompe de numero
        vous vous etes trompe de personne, vous faites erreur <smalls>? numero?
        vous avez <small>? mauvais numero
        c est <small> mauvais numero, c est un mauvais numero, c est <small>? erreur de numero
        c est une erreur de numero, tu te trompe de numero
        je ne? suis pas <small>? personne, je ne? suis pas la bonne personne
        je ne? suis pas la personne concernee
        je ne? suis pas <title> *, ce n est <no_more> <whose> numero <of>?
        c est <no_more> <whose> numero <of>?
        ce numero n est plus le sien, ce numero n est <no_more> <whose>, ce n est pas le bon numero
        c est pas le bon numero, pas le bon numero
        you have the wrong number, wrong number, wrong person, you got the wrong number
        الرقم خطا, رقم خطا, الرقم غير صحيح, الرقم غلط, رقم غلط, هذا ليس رقمي, ليس رقمي""",
    "title": "madame, mme, monsieur, mr, m, mlle",
    "no_more": "pas, plus",
    "whose": "mon, son, le, le sien, a elle, a lui",
    "of": "de *, de <title> *, d *",
    # A wish about how and when we write.
    "channel": """ne? n? <me>? <send> pas <mail>, ne? n? <me>? <send> plus <mail>, plus <mail>, pas <mail>
        ne plus <me>? <send> <mail>, <not_wish> <mail>, <not_wish> recevoir <mail>""",
    "limit": """en double, en arabe, en anglais, en francais, en turc, en espagnol, en portugais
        en majuscules
        le matin, du matin, le soir, du soir, la nuit, le midi, le dimanche, le samedi, le lundi
        le mercredi, le vendredi
        le week end, le weekend, les week ends, pendant *, avant *, apres *, entre *, si tot, si tard
        trop tot
        a <hour>, in arabic, in english, at night, on sundays""",
    "hour": "# h, ## h, #h, ##h, #h##, ##h##, # heures, ## heures, minuit, midi",
    # Said in addition to a STOP.
    "besides": """non, oui, no, yes, ok, 1, 2, annuler, annulez, annule, j annule, je l annule, <decline>
        <decline> <visit>, annulez tout, annuler tout, annulez <visit>, j annule <visit>
        je ne? suis pas * *?, c est pas moi, ce n est pas moi, ce n est pas mon nom
        je ne? connais pas cette personne
        i am not *, i m not *, this is not *, vous vous? trompez, vous faites erreur""",
    "decline": """je ne? viens pas, je ne? viendrai pas, je ne? viendrais pas, je ne? peux pas venir?
        je ne? viens plus
        je ne? peux plus venir?, je ne? viendrai plus""",
    "visit": "mon rdv, le rdv, ce rdv, mon rendez vous, le rendez vous, ce rendez vous",
    # Does not change what the message means.
    "greeting": """bonjour, bonsoir, bjr, bsr, salut, hello, hi, madame, monsieur, mr, mme, merci
        merci beaucoup
        merci bien, merci d avance, merci de, merci d, please, svp, stp, bon, alors, maintenant, mtn
        ca suffit
        c est bon, y en a marre, marre, j en ai marre, oh, hey, mais, et, s il vous plait, s il te plait
        veuillez
        cordialement, cdt, bonne journee, bonne soiree, beaucoup, immediatement, tout de suite, definitivement
        desormais, c est tout, enfin, de votre part, de la mairie, a ce numero, au harcelement, now, at once
        sorry, desole, desolee, thanks, thank you, thx, #####, au #####, je ne? suis pas interesse
        pas interesse
        sur ce numero, sur mon numero, sur mon telephone, sur mon tel, sur mon portable, sur ce telephone
        sinon je porte plainte, رجاء, منكم, بعد الان, من فضلك, من فضلكم, لو سمحتم, شكرا, مرحبا
        السلام عليكم""",
    # Introduces a request.
    "asking": """je, de, d, il faut, faut, je vous demande, je vous prie, je vous ai dit, je vous ai deja dit
        je demande, je veux que vous, je veux, je voudrais, je souhaite, je souhaiterais, j aimerais, a, ma
        voulez vous, pouvez vous, pourriez vous, vous pouvez, vous allez, peux tu, can you, could you, i, just
        tout, tous, deja""",
}

# ---- where a word for STOP begins something else -----------------------------------------------------

_EXCLUSIONS = {
    # How a message may begin that means a STOP, whatever follows.
    "opening": "<stop>, <cease>, <leave> moi",
    # Not a STOP all the same: it is about something we do not send (« arrêtez mon rendez-vous »), or asks.
    "none": """<opening> <smalls>? <elsewhere>, <opening> j arrive, <opening> quoi, <opening> pas
        <opening> ou <or>, <opening> ###### , <opening> ### ###, <cease> ou, <cease> vous <there>
        <cease> toi""",
    "elsewhere": """rdv, rendez vous, bus, tram, tramway, train, metro, voiture, taxi, car, chauffage, clim
        climatisation, lumiere, eau, musique, bruit, atelier, cours, seance, formation, attente
        liste d attente
        municipal, prefectoral, ministeriel, maladie, travail, feu, carrefour, rond point""",
    "or": "encore, pas, non, oui, 1, 2, start, c est, ca",
    "there": "devant, a, au, la, ici, ou, quand, chez, pres, vers",
    # « Je veux arrêter », « pouvez-vous arrêter ? »: unclear what, so we must ask.
    "vague": """<may> d? <cease>, <may> d? <cease> *, <may> stopper, <may> stopper *
        <may> <me> <send> plus *? *? *?, <may> <me> <write> plus *? *?, pouvez <me> <send> plus *? *? *?
        pouvez <me> <write> plus *? *?""",
    "may": "veux, voudrais, demande, faut, vous, tu",
    # Before a phrase: they say that we stopped, ask us not to stop, or report what somebody told them.
    "takes_back": """n, ne, pas, jamais, vous, tu, on, il, elle, ils, qui, si, j, m, me, nous, bus
        pourquoi, comment
        pouvez, peux, pourriez, quand, ou, t, not, dont, surtout""",
    # Before « stop » at the end: then it is no request (« je viens en stop », « je n'ai pas dit stop »).
    "no_order": """<takes_back>, en, du, auto, de, le, la, au, un, une, dit, reponds, repondre, repondu
        ecrire, ecrit
        ecris, envoyer, envoye, envoie, mot, panneau, which, what, bus, the, arret, avec, signifie, fais
        fait""",
    # After « ne m'envoyez plus »: a human must read what it is that they do not want.
    "article": "le, la, les, l, un, une, mon, ma",
}

# ---- messages again ----------------------------------------------------------------------------------

_START = {
    "resume": "reprendre, reprenez, remettez, retablissez, reactivez, reactiver",
    "accept": "je? veux, je? voudrais, je? souhaite, je? souhaiterais, je? accepte, j accepte",
    "again": "a nouveau, de nouveau",
    "get": "recevoir, avoir",
    "write_again": "ecrire, ecrivez, envoyer, envoyez, contacter, contactez, recevoir",
    "start": """start, unstop, subscribe, reprendre, reprenez, reabonner, reabonnez moi, reabonnement
        me reabonner
        <resume> <one_what>, <resume> l envoi de? d? <one_what>
        <accept> <again> <get>? <one_what>?, <accept> encore <get>? <one_what>?
        <accept> de? <get> <again> <one_what>
        <accept> de? <get> encore <one_what>, <accept> de? <get> <one_what> <again>
        <me>? <write_again> moi? <one_what>? <again>, <again> <me>? <write_again> <one_what>?""",
    "start_courtesy": """bonjour, bonsoir, oui, svp, stp, merci, vous pouvez, je veux bien, ok, finalement, de
        s il vous plait, please""",
}

TABLE = {**_SMALL, **_DOING, **_PLAIN, **_DOUBT, **_OTHERS, **_EXCLUSIONS, **_START}
