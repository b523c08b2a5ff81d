"""A text message from a resident: what it answers, what it changes, and what they are told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from booking.enums import Status
from booking.models import Appointment, ResidentPhone
from notifications import texts, writing
from notifications.actions.answers import ask_call_back, take_answer
from notifications.actions.reports import stop_numbers
from notifications.enums import Audience, Channel, InboundOutcome, Kind, State, Why
from notifications.hours import Urgency
from notifications.lines import Caller
from notifications.models import InboundMessage, Message
from notifications.replies import Intent, Reading, read
from notifications.texts import About, Text, compose_answer

ANSWER_WITHIN = timedelta(hours=6)
REMEMBERED = timedelta(days=30)


@dataclass(frozen=True)
class Question:
    """A message that asked something and still may be answered, with its appointment."""

    message: Message
    appointment: Appointment

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
    """Take in a text message once; the same one again changes nothing.

    Only an exact keyword that answers a question about that very appointment confirms or cancels it.
    What is not understood is asked back once, then goes to the desk with its text.
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
    reading = Reading(Intent.STOP) if opted_out else read(text)
    inbound.outcome = _Conversation(caller, inbound, now).answer(reading)
    inbound.save(update_fields=["outcome", "appointment", "resident"])
    return inbound


class _Conversation:
    def __init__(self, caller: Caller, inbound: InboundMessage, now: datetime) -> None:
        self.caller, self.inbound, self.now = caller, inbound, now
        self.questions = open_questions(caller, now=now)

    def answer(self, reading: Reading) -> InboundOutcome:
        match reading.intent:
            case Intent.STOP:
                stop_numbers([self.caller.number], now=self.now)
                return self._reply("stopped", InboundOutcome.STOPPED)
            case Intent.START:
                ResidentPhone.objects.filter(number=self.caller.number).update(stopped_at=None)
                return self._reply("resumed", InboundOutcome.RESUMED)
            case Intent.HELP:
                return self._reply("help", InboundOutcome.HELPED, self._only_question())
            case Intent.THANKS:
                return InboundOutcome.THANKED
            case Intent.YES | Intent.NO:
                return self._decide(reading)
        return self._unclear()

    def _decide(self, reading: Reading) -> InboundOutcome:
        questions = self.questions
        if reading.number:
            questions = [each for each in questions if each.appointment.number == reading.number]
            if not questions:
                return self._unclear()
        if len(questions) > 1:
            return self._ask_back("asked_which", questions[0])
        if not questions:
            return self._nothing_asked(reading)
        question = questions[0]
        self._note(question)
        yes = reading.intent is Intent.YES
        outcome = take_answer(appointment=question.appointment, told=question.told, yes=yes, now=self.now)
        if outcome is None:
            return self._to_desk(question, answer="too_late")
        if outcome == InboundOutcome.ACCEPTED:
            return outcome  # the confirmation of the booking is the answer
        return self._reply(outcome, outcome, question)

    def _nothing_asked(self, reading: Reading) -> InboundOutcome:
        """A yes to nothing is politeness. A no may be about anything: a human asks."""
        if reading.intent is Intent.YES and self.caller.residents:
            return InboundOutcome.THANKED
        return self._to_desk(None)

    def _unclear(self) -> InboundOutcome:
        if len(self.questions) == 1:
            return self._ask_back("asked_back", self.questions[0])
        return self._to_desk(self.questions[0] if self.questions else None)

    def _ask_back(self, name: str, question: Question) -> InboundOutcome:
        """Once for each question; then a human reads it."""
        self._note(question)
        asked = InboundMessage.objects.filter(
            sender=self.caller.number,
            outcome=InboundOutcome.ASKED_BACK,
            received_at__gte=question.message.sent_at or question.message.created_at,
        )
        if asked.exists():
            return self._to_desk(question)
        return self._reply(name, InboundOutcome.ASKED_BACK, question)

    def _to_desk(self, question: Question | None, *, answer: str = "to_desk") -> InboundOutcome:
        ask_call_back(
            commune=self.caller.commune,
            number=self.caller.number,
            cause=f"inbound:{self.inbound.pk}",
            why=Why.UNCLEAR,
            appointment=question.appointment if question else None,
            resident=self.inbound.resident,
            inbound=self.inbound,
            now=self.now,
        )
        return self._reply(answer, InboundOutcome.TO_DESK, question)

    def _note(self, question: Question) -> None:
        self.inbound.appointment = question.appointment
        self.inbound.resident = question.appointment.resident

    def _only_question(self) -> Question | None:
        return self.questions[0] if len(self.questions) == 1 else None

    def _reply(self, name: str, outcome: InboundOutcome, question: Question | None = None) -> InboundOutcome:
        if not self.caller.residents and outcome != InboundOutcome.STOPPED:
            return outcome  # nobody we know: no message to a number that never asked for one
        text = compose_answer(name, self._about(question), language=self._language())
        Message.objects.bulk_create([self._row(text, question)], ignore_conflicts=True)
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

    def _row(self, text: Text, question: Question | None) -> Message:
        appointment = question.appointment if question else None
        return Message(
            commune=self.caller.commune,
            appointment=appointment,
            resident=self.inbound.resident,
            cause=f"inbound:{self.inbound.pk}",
            audience=Audience.RESIDENT,
            recipient=self.caller.number,
            kind=Kind.ANSWER,
            channel=Channel.SMS,
            language=text.language,
            text=text.text,
            segments=text.segments.count,
            urgency=Urgency.REPLY,
            due_at=self.now,
            expires_at=self.now + ANSWER_WITHIN,
            inbound=self.inbound,
            created_at=self.now,
        )


def open_questions(caller: Caller, *, now: datetime) -> Sequence[Question]:
    """What this number was last asked about each coming appointment, newest question first."""
    asked = (
        Message.objects.left()
        .filter(
            commune=caller.commune,
            recipient=caller.number,
            asks=True,
            state__in=(State.SENDING, State.UNKNOWN, State.SENT, State.DELIVERED),
            created_at__gt=now - REMEMBERED,
            appointment__starts_at__gt=now,
            appointment__status__in=(Status.BOOKED, Status.HELD),
        )
        .select_related("appointment__commune", "appointment__site", "appointment__resident")
        .order_by("-sent_at", "-id")
    )
    newest: dict[int, Question] = {}
    for message in asked:
        if message.appointment is not None:
            newest.setdefault(message.appointment.pk, Question(message, message.appointment))
    return list(newest.values())
