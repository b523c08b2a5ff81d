"""Every state of the board of a screen, and how it comes about."""

from datetime import timedelta

from django.urls import reverse

from booking.enums import Status
from booking.models import Delay
from communes.enums import Booker, HelperPolicy
from communes.models import Cabin, Closure, Commune, Service
from kiosk.commands import send_command
from kiosk.enums import CommandKind
from kiosk.models import HelpCall, Screen
from tests.factories import at, make_appointment, make_cabin, make_resident, make_shift
from tests.kiosk.stage import Scene, Stage, collector
from tests.kiosk.test_help import pages_of

SCENES: list[Scene] = []
scene = collector(SCENES)


# ---- the board: a cabin ----


@scene("free", 6)
def _(stage: Stage) -> None:
    stage.expects(10, 50)


@scene("free, too short to begin", 5)
def _(stage: Stage) -> None:
    stage.clock(at(11, 55))


@scene("kept for who has not come", 10)
def _(stage: Stage) -> None:
    stage.clock(at(11, 16))
    stage.expects()


@scene("free, by appointment only")
def _(stage: Stage) -> None:
    Service.objects.update(booker=Booker.DESK)


@scene("free, no helper for what can be done here")
def _(stage: Stage) -> None:
    Service.objects.update(helper_policy=HelperPolicy.REQUIRED)


@scene("free, no helper has the skill for what can be done here")
def _(stage: Stage) -> None:
    Service.objects.update(helper_policy=HelperPolicy.REQUIRED)
    make_shift(stage.helper, stage.site, at(9), at(12))
    stage.helper.memberships.get().skills.clear()


@scene("we wait, alone", 6)
def _(stage: Stage) -> None:
    stage.expects()


@scene("we wait, with a helper")
def _(stage: Stage) -> None:
    stage.expects_helped()


@scene("we wait, by number only")
def _(stage: Stage) -> None:
    stage.expects(resident=make_resident(stage.commune, number_on_screen=True))


@scene("we wait, two of one name")
def _(stage: Stage) -> None:
    stage.expects()
    later = make_resident(stage.commune, last_name="Benali")
    make_appointment(stage.cabin, stage.service, at(15), resident=later, number="111222")


@scene("we wait, no name yet")
def _(stage: Stage) -> None:
    Commune.objects.filter(pk=stage.commune.pk).update(name_shown_minutes_before=5)
    stage.expects()


@scene("we wait, the helper is late", 21)
def _(stage: Stage) -> None:
    stage.expects_helped()
    Delay.objects.create(helper=stage.helper, until_at=at(10, 45), said_at=at(10, 20))


@scene("it is time", 5)
def _(stage: Stage) -> None:
    stage.clock(at(10, 31))
    stage.expects()


@scene("late")
def _(stage: Stage) -> None:
    stage.clock(at(10, 42))
    stage.expects()


@scene("arrived, it is your turn")
def _(stage: Stage) -> None:
    stage.expects(**stage.arrived())


@scene("arrived, the helper is here", 3, 6)
def _(stage: Stage) -> None:
    stage.clock(at(10, 29))
    stage.expects_helped(**stage.arrived(10, 29))


@scene("arrived, the helper is not here", 6)
def _(stage: Stage) -> None:
    stage.clock(at(10, 29))
    stage.expects_helped(is_here=False, **stage.arrived(10, 29))


@scene("arrived, the helper is late", 21)
def _(stage: Stage) -> None:
    stage.expects_helped(**stage.arrived())
    Delay.objects.create(helper=stage.helper, until_at=at(10, 45), said_at=at(10, 20))


@scene("arrived, the helper comes", 12)
def _(stage: Stage) -> None:
    stage.expects_helped(**stage.arrived())
    stage.comes(stage.helper)


@scene("arrived, nobody has come")
def _(stage: Stage) -> None:
    stage.clock(at(10, 36))
    stage.expects_helped(**stage.arrived())


@scene("arrived, nobody has come, no phone known")
def _(stage: Stage) -> None:
    Commune.objects.filter(pk=stage.commune.pk).update(public_phone="")
    stage.clock(at(10, 36))
    stage.expects_helped(**stage.arrived())


@scene("in session with a helper", 40)
def _(stage: Stage) -> None:
    stage.clock(at(10, 40))
    stage.runs(10, 30, helper=stage.helper)


@scene("in session, the next helper is late")
def _(stage: Stage) -> None:
    stage.clock(at(10, 40))
    stage.expects_helped(hour=11, minute=0, number="100000")
    Delay.objects.create(helper=stage.helper, until_at=at(11, 30), said_at=at(10, 20))
    stage.runs(10, 0)


@scene("alone in the cabin", 30)
def _(stage: Stage) -> None:
    stage.clock(at(10, 50))
    stage.runs(10, 30)


@scene("alone, four minutes left")
def _(stage: Stage) -> None:
    stage.clock(at(11, 11))
    stage.runs(10, 30)


@scene("alone, over time")
def _(stage: Stage) -> None:
    stage.clock(at(11, 20))
    stage.runs(10, 30)


@scene("begun here with a helper", 3, 15)
def _(stage: Stage) -> None:
    make_shift(stage.helper, stage.site, at(9), at(12))
    stage.begin("helper")


@scene("closed for noon", 90)
def _(stage: Stage) -> None:
    stage.clock(at(12, 30))


@scene("closed until tomorrow")
def _(stage: Stage) -> None:
    stage.clock(at(18))


@scene("closed for good")
def _(stage: Stage) -> None:
    Closure.objects.create(site=stage.site, starts_at=at(0), ends_at=at(0) + timedelta(days=800))


@scene("out of order")
def _(stage: Stage) -> None:
    Cabin.objects.filter(pk=stage.cabin.pk).update(in_order=False)


@scene("out of order until a day")
def _(stage: Stage) -> None:
    Cabin.objects.filter(pk=stage.cabin.pk).update(in_order=False, out_until=at(0, day=27))


# ---- the board: a hall ----


@scene("a hall of two cabins")
def _(stage: Stage) -> None:
    upstairs = make_cabin(stage.site, name="Cabine de l’étage")
    stage.expects()
    make_appointment(upstairs, stage.service, at(10, 0), status=Status.IN_SESSION, started_at=at(10))
    stage.hall()


@scene("a hall without a cabin")
def _(stage: Stage) -> None:
    stage.hall()
    stage.cabin.delete()


# ---- help ----


@scene("help called", 2, 15)
def _(stage: Stage) -> None:
    stage.post("screen-help")


@scene("help called, nobody has answered")
def _(stage: Stage) -> None:
    stage.post("screen-help")
    stage.clock(at(10, 27))


@scene("help called, nobody has answered, no phone known")
def _(stage: Stage) -> None:
    Commune.objects.filter(pk=stage.commune.pk).update(public_phone="")
    stage.post("screen-help")
    stage.clock(at(10, 27))


@scene("help comes", 3)
def _(stage: Stage) -> None:
    stage.post("screen-help")
    pages_of(stage.desk).post(reverse("help-call-answer", args=[HelpCall.objects.get().pk]))


# ---- what agents show ----


@scene("a message of maintenance")
def _(stage: Stage) -> None:
    shows_message(stage)


@scene("a message of maintenance does not come during a visit")
def _(stage: Stage) -> None:
    stage.runs(10, 0)
    shows_message(stage)


def shows_message(stage: Stage) -> None:
    Screen.objects.update(last_seen_at=stage.now)
    words = "L’imprimante est en réparation\N{NO-BREAK SPACE}: merci de votre patience."
    send_command(screen=stage.screen, kind=CommandKind.MESSAGE, by=stage.desk, now=stage.now, text=words)
