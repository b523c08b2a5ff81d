"""A text message from a resident: what it answers, what it changes, and what we reply."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import transaction

from booking.actions import is_offer_over
from notifications import texts, writing
from notifications.actions.answers import ask_call_back, take_answer
from notifications.actions.replying import next_answer_at, write_answer
from notifications.actions.suppressions import lift, suppress
from notifications.callers import Caller
from notifications.enums import DeskReason, InboundOutcome, MessageKind, StopReason
from notifications.models import InboundMessage
from notifications.questions import Question, last_asked, last_read, open_questions
from notifications.replies.reader import Intent, Reading, read
from notifications.texts import About, ComposedText, compose_answer

MOST_LISTED = 4
"""Of several appointments, so many are named in one message."""
OF_THE_QUESTION = frozenset({Intent.YES, Intent.NO, Intent.SEVERAL, Intent.HELP, Intent.UNCLEAR})
"""What belongs to the last question, although another message may have come since."""


@transaction.atomic
def receive(
    *, caller: Caller, provider_id: str, text: str, opted_out: bool = False, now: datetime
) -> InboundMessage:
    """Store and answer a text message. The same message a second time changes nothing.

    Only an unmistakable answer to a question about that very appointment confirms or cancels it. If a message
    is not understood, we ask back once; after that it goes to the desk with its text. `opted_out`: the
    provider takes it as a STOP and refuses further messages to that number.
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
    conversation = _Conversation(caller, inbound, now, opted_out=opted_out)
    inbound.outcome = conversation.answer(read(text))
    inbound.save(update_fields=["commune", "outcome", "appointment", "resident"])
    return inbound


class _Conversation:
    def __init__(self, caller: Caller, inbound: InboundMessage, now: datetime, *, opted_out: bool) -> None:
        self.caller, self.inbound, self.now, self.opted_out = caller, inbound, now, opted_out
        self.everywhere = open_questions(caller.sharing, caller.number, now=now)
        """The open questions of all communes that share the number written to."""
        self._turn_to(caller)

    def _turn_to(self, caller: Caller) -> None:
        """Answer for the commune of this caller."""
        self.caller, self.inbound.commune, self.inbound.resident = caller, caller.commune, caller.resident
        self.latest = last_read(caller.commune, caller.number, now=self.now)
        self.meant = [each for each in self.everywhere if each.commune == caller.commune]
        if self.latest and self.latest.is_offer:
            # An offer is held for half an hour only, so we do not first ask which appointment they mean.
            self.meant = [self.latest]

    def answer(self, reading: Reading) -> InboundOutcome:
        if self.opted_out or reading.opts_out:
            return self._opt_out(reading)
        if reading.intent in OF_THE_QUESTION:
            self._turn_to_the_question(reading)
        handlers: dict[Intent, Callable[[Reading], InboundOutcome]] = {
            Intent.STOP: self._stop,
            Intent.START: self._start,
            Intent.WRONG_NUMBER: self._wrong_number,
            Intent.DESK: self._wish,
            Intent.CALL_BACK: self._wish,
            Intent.HELP: self._help,
            Intent.THANKS: self._thanks,
            Intent.YES: self._decide,
            Intent.NO: self._decide,
            Intent.SEVERAL: self._decide_several,
            Intent.UNCLEAR: self._unclear,
        }
        return handlers[reading.intent](reading)

    def _turn_to_the_question(self, reading: Reading) -> None:
        """A reply belongs to the appointment that it names, else to the last question."""
        numbers = {reading.number, *(number for _, number in reading.several)}
        named = [each for each in self.everywhere if each.appointment.number in numbers]
        asked = last_asked(self.caller.sharing, self.caller.number, now=self.now)
        if meant := next(iter(named), asked):
            self._turn_to(self.caller.in_commune(meant.commune))

    # ---- STOP, START and the like --------------------------------------------------------------------

    def _opt_out(self, reading: Reading) -> InboundOutcome:
        """« CANCEL » is a STOP for the provider. If it answers a question, it cancels as well; if not, a
        human must find out what the person meant. No question back would reach them."""
        if reading.intent is Intent.NO:
            self._turn_to_the_question(reading)
        question = self._only_meant()
        said_no = reading.intent is Intent.NO and question is not None and self._answers(reading, question)
        outcome = self._take(question, yes=False) if said_no and question else None
        if reading.intent is not Intent.STOP and outcome is None:
            reading = Reading(Intent.STOP, says_more=True)
        if outcome is None or question is None:
            return self._stop(reading)
        self._suppress(self._stop_reason())
        told = [self._text(outcome, question), self._text("stopped", question)]
        return self._reply(texts.joined(told), outcome, question)

    def _stop_reason(self) -> StopReason:
        return StopReason.PROVIDER if self.opted_out else StopReason.REPLY

    def _stop(self, reading: Reading) -> InboundOutcome:
        """Stop automatic messages to this number. A human reads whatever else the message says: STOP
        changes no appointment. A second STOP gets no reply."""
        is_news = self._suppress(self._stop_reason())
        if reading.says_more:
            self._put_on_list(self._only_meant(), why=DeskReason.WRITTEN)
        return self._stopped(is_news=is_news)

    def _wrong_number(self, _reading: Reading) -> InboundOutcome:
        """Stop automatic messages to this number, since somebody else reads it, and ask the desk to
        correct the record. Until then the resident's own messages go to the call list."""
        is_news = self._suppress(StopReason.WRONG_NUMBER)
        self._put_on_list(self._only_meant(), why=DeskReason.WRONG_NUMBER)
        return self._stopped(is_news=is_news)

    def _stopped(self, *, is_news: bool) -> InboundOutcome:
        if not is_news:
            return InboundOutcome.STOPPED
        return self._say("stopped", InboundOutcome.STOPPED)

    def _suppress(self, reason: StopReason) -> bool:
        is_news = [
            suppress(commune=commune, number=self.caller.number, reason=reason, now=self.now)
            for commune in self.caller.answers
        ]
        return any(is_news)

    def _start(self, _reading: Reading) -> InboundOutcome:
        """Allow messages again from the commune that they answer; if that one was not stopped, from all
        communes that share the number written to."""
        number = self.caller.number
        lifted = [lift(commune=commune, number=number) for commune in self.caller.answers]
        if not any(lifted):
            lifted = [lift(commune=commune, number=number) for commune in self.caller.sharing]
        return self._say("resumed", InboundOutcome.RESUMED) if any(lifted) else InboundOutcome.RESUMED

    def _help(self, _reading: Reading) -> InboundOutcome:
        question = self._only_meant()
        if self._is_limited(question):
            return self._to_desk(question)
        name = "help_offer" if question and self._is_on_offer(question) else "help"
        return self._say(name, InboundOutcome.HELPED, question)

    def _wish(self, reading: Reading) -> InboundOutcome:
        """What only a human can fulfil."""
        why = DeskReason.ASKED if reading.intent is Intent.CALL_BACK else DeskReason.WRITTEN
        return self._to_desk(self._only_meant(), why=why)

    def _thanks(self, reading: Reading) -> InboundOutcome:
        """« Merci, à jeudi » about a Tuesday is a mistake that a human should hear of."""
        if self.meant and not any(self._fits(reading, each) for each in self.meant):
            return self._unclear(reading)
        return InboundOutcome.THANKED

    # ---- an answer about an appointment --------------------------------------------------------------

    def _decide(self, reading: Reading) -> InboundOutcome:
        questions = [each for each in self._candidates(reading) if self._fits(reading, each)]
        if not questions:
            return self._unclear(reading) if reading.number or self.meant else self._nothing_asked(reading)
        if len(questions) > 1:
            return self._ask_which(questions)
        question, yes = questions[0], reading.intent is Intent.YES
        if not reading.number and not reading.named:
            if not self._was_read_last(question):
                return self._nothing_asked(reading) if yes else self._ask_back("asked_back", question)
            if (left := self._left_elsewhere()) and question.is_answered():
                return self._ask_which([question, *left])
        outcome = self._take(question, yes=yes)
        if outcome is None:
            return self._to_desk(question, answer="too_late")
        if outcome == InboundOutcome.ACCEPTED:
            return outcome  # the booking sends a confirmation, which is the answer
        return self._say(outcome, outcome, question)

    def _candidates(self, reading: Reading) -> Sequence[Question]:
        if reading.number:
            return [each for each in self.everywhere if each.appointment.number == reading.number]
        return self.meant

    def _left_elsewhere(self) -> list[Question]:
        """Questions of other communes that nobody has answered yet."""
        others = [each for each in self.everywhere if each.commune != self.caller.commune]
        return [each for each in others if not each.is_answered()]

    def _decide_several(self, reading: Reading) -> InboundOutcome:
        """« 1 412345 2 556677 »: all of it, or nothing if one of the numbers was not asked about."""
        asked = {each.appointment.number: each for each in self.everywhere}
        if not all(number in asked for _, number in reading.several):
            return self._unclear(reading)
        told: list[ComposedText] = []
        outcome = InboundOutcome.TO_DESK
        for intent, number in reading.several:
            question = asked[number]
            taken = self._take(question, yes=intent is Intent.YES)
            if taken is None:
                self._put_on_list(question, why=DeskReason.UNCLEAR)
            if taken != InboundOutcome.ACCEPTED:
                told.append(self._text(taken or "too_late", question))
            outcome = taken or outcome
        self._note(next(each for each in asked.values() if each.commune == self.caller.commune))
        return self._reply(texts.joined(told), outcome) if told else outcome

    def _take(self, question: Question, *, yes: bool) -> InboundOutcome | None:
        """None, and nothing is changed, if it is too late."""
        self._note(question)
        return take_answer(
            appointment=question.appointment,
            told=question.told,
            yes=yes,
            number=self.caller.number,
            now=self.now,
        )

    def _nothing_asked(self, reading: Reading) -> InboundOutcome:
        """A yes without a question is politeness. A no may be about anything, so an agent asks. If another
        commune waits for an answer, it may be that one."""
        if left := self._left_elsewhere():
            self._turn_to(self.caller.in_commune(left[0].commune))
            return self._ask_which(left) if len(left) > 1 else self._ask_back("asked_back", left[0])
        if reading.intent is Intent.YES and self.caller.residents:
            return InboundOutcome.THANKED
        return self._to_desk(None)

    def _answers(self, reading: Reading, question: Question) -> bool:
        return self._fits(reading, question) and self._was_read_last(question)

    def _fits(self, reading: Reading, question: Question) -> bool:
        """Whether the appointment has the day and the hour that they name, if they name one."""
        commune = question.commune
        return reading.fits(commune.local(question.appointment.starts_at), commune.local(self.now))

    def _was_read_last(self, question: Question) -> bool:
        """Whether the commune's last message to them is about this appointment. If not, they may answer
        something else: « votre RDV du 26 est annulé » – « Non ! »"""
        return self.latest is None or self.latest.appointment == question.appointment

    def _is_on_offer(self, question: Question) -> bool:
        return question.is_offer and not is_offer_over(question.appointment, self.now)

    def _only_meant(self) -> Question | None:
        return self.meant[0] if len(self.meant) == 1 else None

    # ---- what is not understood ----------------------------------------------------------------------

    def _unclear(self, _reading: Reading) -> InboundOutcome:
        if len(self.meant) != 1:
            return self._to_desk(self.meant[0] if self.meant else None)
        question = self.meant[0]
        if self._is_on_offer(question):
            return self._ask_back("asked_back_offer", question)
        return self._to_desk(question) if question.is_offer else self._ask_back("asked_back", question)

    def _ask_which(self, questions: Sequence[Question]) -> InboundOutcome:
        """List the appointments with their numbers."""
        coming = sorted(questions, key=lambda each: each.appointment.starts_at)[:MOST_LISTED]
        listed = ", ".join(self._listed(each) for each in coming)
        return self._ask_back("asked_which", questions[0], listed=listed)

    def _listed(self, question: Question) -> str:
        is_here = question.commune == self.caller.commune
        return self._text("listed" if is_here else "listed_elsewhere", question).text

    def _ask_back(self, name: str, question: Question, *, listed: str = "") -> InboundOutcome:
        """Ask once for each question; a second unclear answer goes to the desk."""
        may_ask = next_answer_at(self.caller, now=self.now) <= self.now
        if question.message.kind == MessageKind.ANSWER or not may_ask or self._is_limited(question):
            return self._to_desk(question)
        self._note(question)
        asked = InboundMessage.objects.filter(
            sender=self.caller.number,
            outcome=InboundOutcome.ASKED_BACK,
            received_at__gte=question.message.sent_at or question.message.created_at,
        )
        if asked.exists():
            return self._to_desk(question)
        return self._say(name, InboundOutcome.ASKED_BACK, question, listed=listed)

    def _to_desk(
        self, question: Question | None, *, answer: str = "to_desk", why: DeskReason = DeskReason.UNCLEAR
    ) -> InboundOutcome:
        is_new = self._put_on_list(question, why=why)
        if not is_new and answer == "to_desk":
            return InboundOutcome.TO_DESK  # they have already been told that somebody will call
        return self._say(answer, InboundOutcome.TO_DESK, question)

    def _put_on_list(self, question: Question | None, *, why: DeskReason) -> bool:
        return ask_call_back(
            commune=question.commune if question else self.caller.commune,
            number=self.caller.number,
            why=why,
            appointment=question.appointment if question else None,
            resident=self.inbound.resident,
            inbound=self.inbound,
            now=self.now,
        )

    # ---- what we say ---------------------------------------------------------------------------------

    def _note(self, question: Question) -> None:
        self.inbound.appointment = question.appointment
        self.inbound.resident = question.appointment.resident

    def _say(
        self, name: str, outcome: InboundOutcome, question: Question | None = None, *, listed: str = ""
    ) -> InboundOutcome:
        return self._reply(self._text(name, question, listed=listed), outcome, question)

    def _reply(
        self, text: ComposedText, outcome: InboundOutcome, question: Question | None = None
    ) -> InboundOutcome:
        """An unknown number that asked for nothing gets no message, nor does somebody whose record is
        limited."""
        asked = (InboundOutcome.STOPPED, InboundOutcome.RESUMED)
        if (self.caller.residents or outcome in asked) and not self._is_limited(question):
            write_answer(
                text,
                caller=self.caller,
                inbound=self.inbound,
                outcome=outcome,
                question=question,
                now=self.now,
            )
        return outcome

    def _is_limited(self, question: Question | None) -> bool:
        """Whether the record of whoever writes is kept but not used: of everybody with this number, if no
        question says whose answer it is."""
        if question is not None and question.appointment.resident is not None:
            return question.appointment.resident.is_limited
        residents = self.caller.residents
        return bool(residents) and all(each.is_limited for each in residents)

    def _text(self, name: str, question: Question | None, *, listed: str = "") -> ComposedText:
        return compose_answer(name, self._about(question), language=self._language(), listed=listed)

    def _about(self, question: Question | None) -> About:
        if question is None:
            return writing.about_nothing(self.caller.commune, self.now)
        appointment = question.appointment
        return writing.about(
            question.commune, appointment.site, appointment.starts_at, number=appointment.number
        )

    def _language(self) -> str:
        residents = self.caller.residents
        return texts.language_for(residents[0].languages) if residents else "fr"
