"""The waiting list, series, groups and replacement, in any order with all other actions."""

from collections import Counter
from contextlib import suppress
from datetime import date, timedelta
from itertools import combinations

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from agents.models import Absence
from booking import actions
from booking.actions.offers import OPEN
from booking.actions.request import BookingRequest
from booking.actions.waiting import WaitingRequest
from booking.enums import LIVE, OfferAnswer, Origin, Status, WaitingState
from booking.errors import SeriesRefused, WaitingRefused
from booking.models import Appointment, AppointmentEvent, WaitingEntry, WaitingOffer
from communes.enums import HelperPolicy
from core.errors import PermanenceError
from core.roles import Role
from planning.orphans import orphans
from planning.replacing import plan_replacements
from tests.booking.machine import Actions, either, nth, starts
from tests.factories import at, make_agent, make_resident

parties = st.sampled_from([1, 1, 2, 4])
LAST = date(2026, 11, 25)


class AllActions(Actions):
    """`Actions`, and what is made of many appointments: lists, series, plans."""

    @initialize()
    def open_the_town(self) -> None:
        super().open_the_town()
        self.now = at(9, 30)  # offers leave from nine o'clock on
        self.people = [
            make_resident(self.town.commune, f"+3363998120{n}", first_name=f"Personne {n}") for n in range(4)
        ]
        self.manager = make_agent(self.town.commune, Role.MANAGER)

    # ---- what happens ----------------------------------------------------------------------------------

    @rule(n=nth, service=nth, with_helper=either, party=parties, all_declined=either)
    def someone_joins_the_list(self, n, service, with_helper, party, all_declined) -> None:
        wish = WaitingRequest(
            resident=self.people[n % 4],
            service=self.services[service % 3],
            with_helper=with_helper,
            until_on=LAST,
            party_size=party,
        )
        rows, events = self.rows(), self.events()
        declined = actions.free_now(request=wish, now=self.now) if all_declined else ()
        with suppress(WaitingRefused):
            actions.join_waiting_list(request=wish, declined=declined, now=self.now)
        assert (self.rows(), self.events()) == (rows, events), "to wait takes nothing from anybody"

    @rule(n=nth)
    def someone_leaves_the_list(self, n) -> None:
        entries = WaitingEntry.objects.filter(state__in=OPEN).order_by("pk")
        if entries:
            actions.leave_waiting_list(entry=entries[n % len(entries)])

    @rule(n=nth, service=nth, with_helper=either, party=parties)
    def the_list_is_searched(self, n, service, with_helper, party) -> None:
        if not WaitingEntry.objects.filter(state=WaitingState.WAITING).exists():
            self.someone_joins_the_list(n, service, with_helper, party, False)
        before = set(WaitingOffer.objects.values_list("pk", flat=True))
        with self.watched():
            made = actions.offer_freed_times(now=self.now)
        new = WaitingOffer.objects.exclude(pk__in=before).select_related("entry", "appointment")
        assert len(new) == made
        for offer in new:
            held = offer.appointment
            assert (held.status, held.origin) == (Status.HELD, Origin.WAITING_LIST)
            assert (held.resident_id, held.service_id) == (offer.entry.resident_id, offer.entry.service_id)
            assert held.party_size == offer.entry.party_size
            can_be_helped = held.service.helper_policy != HelperPolicy.NONE
            assert held.with_helper == (offer.entry.with_helper and can_be_helped)
            assert held.held_until is not None
            assert held.starts_at - timedelta(hours=1) >= held.held_until > self.now
        with self.watched():
            assert actions.offer_freed_times(now=self.now) == 0, "nothing is left to offer at once"

    @rule(n=nth)
    def an_offer_is_taken(self, n) -> None:
        pending = WaitingOffer.objects.filter(answer=OfferAnswer.PENDING).order_by("pk")
        if not pending:
            return
        offer = pending[n % len(pending)]
        held, resident = offer.appointment, offer.entry.resident
        stands = held.status == Status.HELD and held.held_until > self.now
        with self.watched():
            made, refusal = self.tried(actions.book_hold, appointment=held, resident=resident)
        assert (made is not None) == stands, refusal
        if made is not None:
            offer.refresh_from_db()
            assert (offer.answer, offer.entry.state) == (OfferAnswer.TAKEN, WaitingState.BOOKED)

    @rule(n=nth, start=starts, service=nth, with_helper=either, party=parties, tomorrow=either)
    def a_series_is_booked_whole_or_not_at_all(self, n, start, service, with_helper, party, tomorrow) -> None:
        """Two visits of a group: the next day, or a little later on the same day."""
        again = start + (timedelta(days=1) if tomorrow else timedelta(minutes=45))
        request = BookingRequest(
            service=self.services[service % 3],
            site=self.town.site,
            start=start,
            with_helper=with_helper,
            resident=self.people[n % 4],
            party_size=party,
        )
        visits = [(self.town.site, start), (self.town.site, again)]
        with self.watched():
            made, refusal = self.tried(actions.book_series, request=request, visits=visits)
        if made is None:
            assert isinstance(refusal, SeriesRefused)
            told = [each.start for each in refusal.details["failed"]] + refusal.details["possible"]
            assert sorted(told) == [start, again]
            assert refusal.details["failed"]
        else:
            assert [row.starts_at for row in made] == [start, again]
            assert {row.party_size for row in made} == {party}

    @rule(n=nth)
    def the_helper_of_an_appointment_falls_ill(self, n) -> None:
        helped = Appointment.objects.filter(
            status=Status.BOOKED, helper__isnull=False, starts_at__gt=self.now
        )
        if helped:
            row = helped.order_by("pk")[n % len(helped)]
            span = {"starts_at": row.starts_at, "ends_at": row.ends_at}
            Absence.objects.create(agent=row.helper, **span)

    @rule(sets_aside=either, other_proposals=either)
    def what_is_lost_is_replaced(self, sets_aside, other_proposals) -> None:
        lost = orphans(self.town.commune, self.now)
        aside = [each.appointment.pk for each in lost[:1]] if sets_aside else []
        wishes = {each.appointment.pk: "1" for each in lost} if other_proposals else {}

        def plan_or_do(expected=""):
            return plan_replacements(
                commune=self.town.commune,
                by=self.manager,
                now=self.now,
                aside=aside,
                wishes=wishes,
                expected=expected,
            )

        rows, events = self.rows(), self.events()
        try:
            plan = plan_or_do()
            assert (self.rows(), self.events()) == (rows, events), "a plan changes nothing"
            with self.watched(by_plan=True):
                done = plan_or_do(plan.digest)
        except PermanenceError:
            assert (self.rows(), self.events()) == (rows, events), "a refusal changes nothing"
            return
        assert done.applied or not lost
        still = {each.appointment.pk for each in orphans(self.town.commune, self.now)}
        for proposal in done.proposals:
            now_row = Appointment.objects.get(pk=proposal.appointment.pk)
            if proposal.is_placed:
                assert now_row.pk not in still
                assert (now_row.starts_at, now_row.site_id) == (proposal.start, proposal.site_id)
                assert (now_row.cabin_id, now_row.helper_id) == (proposal.cabin_id, proposal.helper_id)
        for pk in aside:
            assert self.rows()[pk] == rows[pk], "what is set aside is left alone"

    # ---- what holds ------------------------------------------------------------------------------------

    @invariant()
    def each_offer_stands_for_one_who_waits(self) -> None:
        pending = WaitingOffer.objects.filter(answer=OfferAnswer.PENDING).select_related(
            "entry", "appointment"
        )
        assert all(offer.appointment.status == Status.HELD for offer in pending)
        per_entry = Counter(offer.entry_id for offer in pending)
        assert all(number == 1 for number in per_entry.values())
        offered = WaitingEntry.objects.filter(state=WaitingState.OFFERED)
        assert set(offered.values_list("pk", flat=True)) <= set(per_entry)

    @invariant()
    def nobody_is_offered_two_times_at_one_hour(self) -> None:
        held = Appointment.objects.filter(
            status=Status.HELD, origin=Origin.WAITING_LIST, held_until__gt=self.now
        )
        for one, other in combinations(held, 2):
            if one.resident_id == other.resident_id:
                assert not (one.starts_at < other.ends_at and other.starts_at < one.ends_at)

    @invariant()
    def every_live_appointment_was_created_once(self) -> None:
        created = AppointmentEvent.objects.filter(changes__has_key="site")
        counted = Counter(event.appointment_id for event in created if event.changes["site"][0] is None)
        live = Appointment.objects.filter(status__in=LIVE)
        assert all(counted[row.pk] == 1 for row in live if row.events.exists())
