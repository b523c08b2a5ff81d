"""Every sheet of a screen, and how it comes about."""

from booking.enums import Status
from booking.models import Appointment, Delay
from communes.enums import Booker
from communes.models import Cabin, Closure, Service
from tests.factories import at, make_appointment, make_cabin, make_resident, make_service, make_shift
from tests.kiosk.stage import NUMBER, Scene, Stage, collector

# ---- sheets: arriving ----

SCENES: list[Scene] = []
scene = collector(SCENES)


@scene("« Je suis là »: by name")
def _(stage: Stage) -> str:
    stage.expects()
    return stage.get("screen-arrival")


def _two_are_expected(stage: Stage) -> None:
    stage.expects(ends_at=at(10, 40), blocked_until=at(10, 40))
    alain = make_resident(stage.commune, first_name="Alain", last_name="Aubry")
    stage.expects(minute=40, resident=alain, number="111222")


@scene("« Je suis là »: one of two names")
def _(stage: Stage) -> str:
    _two_are_expected(stage)
    return stage.get("screen-arrival")


@scene("« Je suis là »: by number")
def _(stage: Stage) -> str:
    return stage.get("screen-arrival")


@scene("number: too short")
def _(stage: Stage) -> str:
    return stage.key("4829")


@scene("number: unknown")
def _(stage: Stage) -> str:
    return stage.key("000000")


@scene("number: five unknown")
def _(stage: Stage) -> str:
    return [stage.key("000000") for _ in range(5)][-1]


@scene("number: five unknown, somebody is expected")
def _(stage: Stage) -> str:
    stage.expects()
    return [stage.key("000000") for _ in range(5)][-1]


@scene("arrival: alone, begins at once")
def _(stage: Stage) -> str:
    stage.expects()
    return stage.key()


def _in_a_hall(stage: Stage) -> None:
    Cabin.objects.filter(pk=stage.cabin.pk).update(directions="Au fond du hall, à droite.")
    stage.hall()


@scene("arrival: alone, in a hall")
def _(stage: Stage) -> str:
    _in_a_hall(stage)
    stage.expects()
    return stage.key()


@scene("arrival: alone, the cabin is taken")
def _(stage: Stage) -> str:
    stage.runs(9, 30, number="100000")
    stage.expects()
    return stage.key()


@scene("arrival: the helper is here", 3, 6)
def _(stage: Stage) -> str:
    stage.expects_helped()
    return stage.key()


@scene("arrival: the helper is not here")
def _(stage: Stage) -> str:
    stage.expects_helped(is_here=False)
    return stage.key()


@scene("arrival: the helper is late", 21)
def _(stage: Stage) -> str:
    stage.expects_helped()
    Delay.objects.create(helper=stage.helper, until_at=at(10, 45), said_at=at(10, 20))
    return stage.key()


@scene("arrival: in a hall, with a helper")
def _(stage: Stage) -> str:
    _in_a_hall(stage)
    stage.expects_helped()
    return stage.key()


@scene("arrival: late, with a helper")
def _(stage: Stage) -> str:
    stage.clock(at(10, 42))
    stage.expects_helped()
    return stage.key()


@scene("arrival: another cabin, alone")
def _(stage: Stage) -> str:
    stage.expects(cabin=make_cabin(stage.site, name="Cabine de l’étage", directions="En haut, à gauche."))
    return stage.key()


@scene("arrival: another cabin, with a helper")
def _(stage: Stage) -> str:
    upstairs = make_cabin(stage.site, name="Cabine de l’étage", directions="En haut, à gauche.")
    stage.expects_helped(cabin=upstairs)
    return stage.key()


@scene("arrival: noted already")
def _(stage: Stage) -> str:
    stage.expects_helped(**stage.arrived())
    return stage.key()


@scene("arrival: noted already, hours before")
def _(stage: Stage) -> str:
    stage.expects(15, 0, **stage.arrived())
    return stage.key()


@scene("arrival: too early")
def _(stage: Stage) -> str:
    stage.expects(11, 30)
    return stage.key()


@scene("arrival: another day")
def _(stage: Stage) -> str:
    stage.visit = make_appointment(stage.cabin, stage.service, at(10, day=26), number=NUMBER)
    return stage.key()


@scene("arrival: a day that is past")
def _(stage: Stage) -> str:
    stage.visit = make_appointment(stage.cabin, stage.service, at(10, day=23), number=NUMBER)
    return stage.key()


@scene("arrival: over")
def _(stage: Stage) -> str:
    stage.expects(9, 0)
    return stage.key()


@scene("arrival: cancelled")
def _(stage: Stage) -> str:
    stage.expects(status=Status.CANCELLED)
    return stage.key()


@scene("arrival: the site is closed then")
def _(stage: Stage) -> str:
    stage.expects(minute=40)
    Closure.objects.create(site=stage.site, starts_at=at(10, 30), ends_at=at(12))
    return stage.key()


def _undo(stage: Stage, page: str) -> str:
    sealed = page.split('name="undo" value="')[1].split('"', maxsplit=1)[0]
    return stage.post("screen-arrival-undo", undo=sealed)


@scene("arrival undone")
def _(stage: Stage) -> str:
    stage.expects_helped()
    return _undo(stage, stage.key())


@scene("arrival: too late to undo")
def _(stage: Stage) -> str:
    stage.expects_helped()
    stage.key()
    return stage.post("screen-arrival-undo", undo="of another day")


@scene("arrival: cannot be undone any more")
def _(stage: Stage) -> str:
    visit = stage.expects_helped()
    page = stage.key()
    Appointment.objects.filter(pk=visit.pk).update(status=Status.IN_SESSION, started_at=stage.now)
    return _undo(stage, page)


# ---- sheets: without appointment ----


@scene("« Utiliser la cabine »: services")
def _(stage: Stage) -> str:
    make_service(stage.commune, name="Passeport", helper_policy="required")
    return stage.get("screen-walk-in")


@scene("« Utiliser la cabine »: by appointment only")
def _(stage: Stage) -> str:
    Service.objects.update(booker=Booker.DESK)
    return stage.get("screen-walk-in")


@scene("service: now, alone or with a helper")
def _(stage: Stage) -> str:
    make_shift(stage.helper, stage.site, at(9), at(10, 55))
    return stage.get("screen-walk-in-service", stage.service.pk)


@scene("service: now, shorter than usual, or later with a helper")
def _(stage: Stage) -> str:
    stage.expects(11, 0)
    make_shift(stage.helper, stage.site, at(14), at(17))
    return stage.get("screen-walk-in-service", stage.service.pk)


@scene("service: later only")
def _(stage: Stage) -> str:
    stage.runs(10, 0)
    return stage.get("screen-walk-in-service", stage.service.pk)


@scene("service: no time at all")
def _(stage: Stage) -> str:
    service = make_service(stage.commune, name="Passeport", helper_policy="required")
    return stage.get("screen-walk-in-service", service.pk)


@scene("begun, alone")
def _(stage: Stage) -> str:
    return stage.begin()


@scene("service: now, in a hall")
def _(stage: Stage) -> str:
    _in_a_hall(stage)
    return stage.get("screen-walk-in-service", stage.service.pk)


@scene("begun, in a hall")
def _(stage: Stage) -> str:
    _in_a_hall(stage)
    return stage.begin()


@scene("begun, in a hall, no way described")
def _(stage: Stage) -> str:
    stage.hall()
    return stage.begin()


@scene("begun, with a helper", 3)
def _(stage: Stage) -> str:
    make_shift(stage.helper, stage.site, at(9), at(12))
    return stage.begin("helper")


@scene("begun: the cabin has been taken meanwhile")
def _(stage: Stage) -> str:
    stage.runs(10, 0)
    return stage.post("screen-walk-in-service", stage.service.pk, **{"with": "nobody"})


@scene("booked for later")
def _(stage: Stage) -> str:
    offer = stage.later_offer()
    return stage.get("screen-text-number", booking=offer, back="")


@scene("booked for later, in a hall")
def _(stage: Stage) -> str:
    _in_a_hall(stage)
    offer = stage.later_offer()
    return stage.get("screen-text-number", booking=offer, back="")


@scene("the number by text message")
def _(stage: Stage) -> str:
    return stage.get("screen-text-number", booking=stage.later_offer())


@scene("the number by text message: a landline")
def _(stage: Stage) -> str:
    return stage.post("screen-text-number", booking=stage.later_offer(), phone="0261912011")


@scene("the number has been sent")
def _(stage: Stage) -> str:
    return stage.post("screen-text-number", booking=stage.later_offer(), phone="0639981234")


@scene("« J’ai terminé »: it asks first")
def _(stage: Stage) -> str:
    stage.clock(at(10, 50))
    return stage.get("screen-session-end", stage.runs(10, 30).pk)


@scene("« J’ai terminé »: how it went")
def _(stage: Stage) -> str:
    stage.clock(at(10, 50))
    visit = stage.runs(10, 30)
    return stage.post("screen-session-end", visit.pk)


@scene("thanks")
def _(stage: Stage) -> str:
    return stage.post("screen-face", face="yes")


@scene("fifteen minutes more")
def _(stage: Stage) -> str:
    stage.clock(at(10, 50))
    visit = stage.runs(10, 30)
    return stage.post("screen-session-extend", visit.pk)


@scene("the languages")
def _(stage: Stage) -> str:
    return stage.get("screen-languages")


@scene("fault: what does not work")
def _(stage: Stage) -> str:
    return stage.get("screen-fault")


@scene("fault: in a hall with several cabins")
def _(stage: Stage) -> str:
    make_cabin(stage.site, name="Cabine de l’étage")
    _in_a_hall(stage)
    return stage.get("screen-fault")


@scene("fault: reported")
def _(stage: Stage) -> str:
    return stage.post("screen-fault", cabin=str(stage.cabin.pk), kind="printer")
