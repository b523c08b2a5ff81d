"""A text message from a resident: what it answers, what it changes, and what we reply."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from booking.actions import is_offer_over
from booking.enums import Origin, Status
from booking.models import Appointment
from notifications import texts, writing
from notifications.actions.answers import ask_call_back, take_answer
from notifications.actions.suppressions import lift, suppress
from notifications.callers import Caller
from notifications.enums import Audience, Channel, DeskReason, InboundOutcome, MessageKind, State, StopReason
from notifications.models import InboundMessage, Message
from notifications.plan.hours import Urgency
from notifications.replies.reader import Intent, Reading, read
from notifications.texts import About, ComposedText, compose_answer

ANSWER_WITHIN = timedelta(hours=6)
REMEMBERED = timedelta(days=30)
UNBOOKED = (Status.HELD, Status.LAPSED)


@dataclass(frozen=True)
class Question:
    """A message that may be answered, with its appointment."""

    message: Message
    appointment: Appointment

    @property
    def is_offer(self) -> bool:
        """The appointment is, or was, only a time held for a resident of the waiting list."""
        return self.appointment.origin == Origin.WAITING_LIST and self.appointment.status in UNBOOKED

    @property
    def told(self) -> tuple[datetime, int] | None:
        message = self.message
        if message.told_start is None or message.told_site_id is None:
            return None
        return message.told_start, message.told_site_id


@transaction.atomic
def receive(
    *, caller: Caller, provider_id: str, text: str, opted_out: bool = False, now: datetime
) -> InboundMessage:
    """Store and answer a text message. The same message a second time changes nothing.

    Only an exact keyword that answers a question about that very appointment confirms or cancels it. If a
    message is not understood, we ask back once; after that it goes to the desk with its text.
    """
    inbound, created = InboundMessage.objects.get_or_create(
        provider_id=provider_id,
        defaults={
            "commune": caller.commune,
            "sender": caller.number,
            "text": text[:1600],
            "received_at": now,
            "resident": caller.resident,
        },
    )
    if not created:
        return inbound
    reading = read(text)
    if opted_out and reading.intent is not Intent.STOP:
        # The provider takes « CANCEL » as an opt-out. A human must find out what the person meant.
        reading = Reading(Intent.STOP, says_more=True)
    inbound.outcome = _Conversation(caller, inbound, now, opted_out=opted_out).answer(reading)
    inbound.save(update_fields=["outcome", "appointment", "resident"])
    return inbound


class _Conversation:
    def __init__(self, caller: Caller, inbound: InboundMessage, now: datetime, *, opted_out: bool) -> None:
        self.caller, self.inbound, self.now, self.opted_out = caller, inbound, now, opted_out
        self.latest = last_read(caller, now=now)
        self.questions = open_questions(caller, now=now)
        self.meant = self.questions
        if self.latest and self.latest.is_offer:
            # An offer is held for half an hour only, so we do not first ask which appointment they mean.
            self.meant = [self.latest]

    def answer(self, reading: Reading) -> InboundOutcome:
        match reading.intent:
            case Intent.STOP:
                return self._stop(reading)
            case Intent.WRONG_NUMBER:
                return self._wrong_number()
            case Intent.DESK:
                return self._to_desk(self._only_meant(), why=DeskReason.WRITTEN)
            case Intent.START:
                return self._start()
            case Intent.HELP:
                return self._help()
            case Intent.THANKS:
                return InboundOutcome.THANKED
            case Intent.YES | Intent.NO:
                return self._decide(reading)
        return self._unclear()

    def _stop(self, reading: Reading) -> InboundOutcome:
        """Stop automatic messages to this number. A human reads whatever else the message says: STOP
        changes no appointment. A second STOP gets no reply."""
        is_news = self._suppress(StopReason.REPLY)
        if reading.says_more:
            self._put_on_list(self._only_meant(), why=DeskReason.WRITTEN)
        return self._reply("stopped", InboundOutcome.STOPPED) if is_news else InboundOutcome.STOPPED

    def _wrong_number(self) -> InboundOutcome:
        """Stop automatic messages to this number, since somebody else reads it, and ask the desk to
        correct the record. Until then the resident's own messages go to the call list."""
        is_news = self._suppress(StopReason.WRONG_NUMBER)
        self._put_on_list(self._only_meant(), why=DeskReason.WRONG_NUMBER)
        return self._reply("stopped", InboundOutcome.STOPPED) if is_news else InboundOutcome.STOPPED

    def _suppress(self, reason: StopReason) -> bool:
        if self.opted_out:
            reason = StopReason.PROVIDER
        is_news = [
            suppress(commune=commune, number=self.caller.number, reason=reason, now=self.now)
            for commune in self.caller.answers
        ]
        return any(is_news)

    def _only_meant(self) -> Question | None:
        return self.meant[0] if len(self.meant) == 1 else None

    def _start(self) -> InboundOutcome:
        """Allow messages again from the commune that they answer; if that one was not stopped, from all
        communes that share the number written to."""
        number = self.caller.number
        lifted = [lift(commune=commune, number=number) for commune in self.caller.answers]
        if not any(lifted):
            lifted = [lift(commune=commune, number=number) for commune in self.caller.sharing]
        return self._reply("resumed", InboundOutcome.RESUMED) if any(lifted) else InboundOutcome.RESUMED

    def _help(self) -> InboundOutcome:
        question = self._only_meant()
        name = "help_offer" if question and self._is_on_offer(question) else "help"
        return self._reply(name, InboundOutcome.HELPED, question)

    def _decide(self, reading: Reading) -> InboundOutcome:
        questions = self.meant
        if reading.number:
            questions = [each for each in self.questions if each.appointment.number == reading.number]
            if not questions:
                return self._unclear()
        if len(questions) > 1:
            return self._ask_back("asked_which", questions[0])
        if not questions:
            return self._nothing_asked(reading)
        question, yes = questions[0], reading.intent is Intent.YES
        if not reading.number and not self._was_read_last(question):
            return self._nothing_asked(reading) if yes else self._ask_back("asked_back", question)
        self._note(question)
        outcome = take_answer(
            appointment=question.appointment,
            told=question.told,
            yes=yes,
            number=self.caller.number,
            now=self.now,
        )
        if outcome is None:
            return self._to_desk(question, answer="too_late")
        if outcome == InboundOutcome.ACCEPTED:
            return outcome  # the booking sends a confirmation, which is the answer
        return self._reply(outcome, outcome, question)

    def _nothing_asked(self, reading: Reading) -> InboundOutcome:
        """A yes without a question is politeness. A no may be about anything, so an agent asks."""
        if reading.intent is Intent.YES and self.caller.residents:
            return InboundOutcome.THANKED
        return self._to_desk(None)

    def _was_read_last(self, question: Question) -> bool:
        """Whether their last message from us is about this appointment. If not, they may answer something
        else: « votre RDV du 26 est annulé » – « Non ! »"""
        return self.latest is None or self.latest.appointment == question.appointment

    def _is_on_offer(self, question: Question) -> bool:
        return question.is_offer and not is_offer_over(question.appointment, self.now)

    def _unclear(self) -> InboundOutcome:
        if len(self.meant) != 1:
            return self._to_desk(self.meant[0] if self.meant else None)
        question = self.meant[0]
        if self._is_on_offer(question):
            return self._ask_back("asked_back_offer", question)
        return self._to_desk(question) if question.is_offer else self._ask_back("asked_back", question)

    def _ask_back(self, name: str, question: Question) -> InboundOutcome:
        """Ask once for each question; a second unclear answer goes to the desk."""
        if question.message.kind == MessageKind.ANSWER:
            return self._to_desk(question)
        self._note(question)
        asked = InboundMessage.objects.filter(
            sender=self.caller.number,
            outcome=InboundOutcome.ASKED_BACK,
            received_at__gte=question.message.sent_at or question.message.created_at,
        )
        if asked.exists():
            return self._to_desk(question)
        return self._reply(name, InboundOutcome.ASKED_BACK, question)

    def _to_desk(
        self, question: Question | None, *, answer: str = "to_desk", why: DeskReason = DeskReason.UNCLEAR
    ) -> InboundOutcome:
        is_new = self._put_on_list(question, why=why)
        if not is_new and answer == "to_desk":
            return InboundOutcome.TO_DESK  # they have already been told that somebody will call
        return self._reply(answer, InboundOutcome.TO_DESK, question)

    def _put_on_list(self, question: Question | None, *, why: DeskReason) -> bool:
        return ask_call_back(
            commune=self.caller.commune,
            number=self.caller.number,
            why=why,
            appointment=question.appointment if question else None,
            resident=self.inbound.resident,
            inbound=self.inbound,
            now=self.now,
        )

    def _note(self, question: Question) -> None:
        self.inbound.appointment = question.appointment
        self.inbound.resident = question.appointment.resident

    def _reply(self, name: str, outcome: InboundOutcome, question: Question | None = None) -> InboundOutcome:
        asked = (InboundOutcome.STOPPED, InboundOutcome.RESUMED)
        if not self.caller.residents and outcome not in asked:
            return outcome  # an unknown number that asked for nothing gets no message
        text = compose_answer(name, self._about(question), language=self._language())
        row = self._row(text, question)
        row.asks = outcome == InboundOutcome.ASKED_BACK
        Message.objects.bulk_create([row], ignore_conflicts=True)
        return outcome

    def _about(self, question: Question | None) -> About:
        if question is None:
            return writing.about_nothing(self.caller.commune, self.now)
        appointment = question.appointment
        return writing.about(
            self.caller.commune, appointment.site, appointment.starts_at, number=appointment.number
        )

    def _language(self) -> str:
        residents = self.caller.residents
        return texts.language_for(residents[0].languages) if residents else "fr"

    def _row(self, text: ComposedText, question: Question | None) -> Message:
        appointment = question.appointment if question else None
        return Message(
            commune=self.caller.commune,
            appointment=appointment,
            resident=self.inbound.resident,
            cause=f"inbound:{self.inbound.pk}",
            audience=Audience.RESIDENT,
            recipient=self.caller.number,
            kind=MessageKind.ANSWER,
            channel=Channel.SMS,
            language=text.language,
            text=text.text,
            segments=text.segments.count,
            told_start=appointment.starts_at if appointment else None,
            told_site=appointment.site if appointment else None,
            urgency=Urgency.REPLY,
            due_at=self.now,
            expires_at=self.now + ANSWER_WITHIN,
            inbound=self.inbound,
            created_at=self.now,
        )


def last_read(caller: Caller, *, now: datetime) -> Question | None:
    """The last message about an appointment that this number got, whether it asked something or not."""
    messages = _read(caller, now).exclude(kind=MessageKind.ANSWER, asks=False)
    message = messages.exclude(appointment=None).first()
    return Question(message, message.appointment) if message and message.appointment else None


def open_questions(caller: Caller, *, now: datetime) -> Sequence[Question]:
    """The last question to this number about each coming appointment, newest first. A question to someone
    who had the appointment by mistake is left out: their answer must not change another person's
    appointment."""
    theirs = Q(resident=F("appointment__resident")) | Q(resident__merged_into=F("appointment__resident"))
    asked = _read(caller, now).filter(
        Q(resident=None) | theirs,
        asks=True,
        appointment__starts_at__gt=now,
        appointment__status__in=(Status.BOOKED, Status.HELD),
    )
    newest: dict[int, Question] = {}
    for message in asked:
        if message.appointment is not None:
            newest.setdefault(message.appointment.pk, Question(message, message.appointment))
    return list(newest.values())


def _read(caller: Caller, now: datetime) -> QuerySet[Message]:
    """Text messages that this number has received, or may have, newest first."""
    return (
        Message.objects.filter(
            commune=caller.commune,
            recipient=caller.number,
            channel=Channel.SMS,
            state__in=(State.SENDING, State.UNKNOWN, State.SENT, State.DELIVERED),
            created_at__gt=now - REMEMBERED,
        )
        .select_related("appointment__commune", "appointment__site", "appointment__resident")
        .order_by(Coalesce("sent_at", "claimed_at", "created_at").desc(), "-id")
    )
