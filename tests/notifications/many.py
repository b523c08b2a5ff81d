"""Many messages that are due at once, as rows, for the crash test and the bench."""

from datetime import timedelta

from booking.enums import ActorKind, EventKind, Status
from booking.models import Appointment, AppointmentEvent, Resident, ResidentPhone
from communes.models import Cabin, Commune, Service
from notifications.enums import Channel, MessageKind, State
from notifications.models import Message
from tests.factories import TUESDAY


def make_messages(commune: Commune, cabin: Cabin, service: Service, count: int) -> None:
    """One resident, one appointment and one confirmation each; every number and every text is different."""
    residents = Resident.objects.bulk_create(
        [
            Resident(
                commune=commune,
                first_name="Essai",
                last_name=str(n),
                search_name=f"essai {n}",
                created_at=TUESDAY,
            )
            for n in range(count)
        ]
    )
    ResidentPhone.objects.bulk_create(
        [ResidentPhone(resident=each, number=_number(n), is_mobile=True) for n, each in enumerate(residents)]
    )
    first = TUESDAY + timedelta(days=2)
    appointments = Appointment.objects.bulk_create(
        [
            Appointment(
                commune=commune,
                site=cabin.site,
                cabin=cabin,
                service=service,
                resident=resident,
                number=f"{n % 1_000_000:06d}",
                status=Status.BOOKED,
                starts_at=first + timedelta(minutes=10 * n),
                ends_at=first + timedelta(minutes=10 * n + 5),
                blocked_until=first + timedelta(minutes=10 * n + 5),
                created_at=TUESDAY,
            )
            for n, resident in enumerate(residents)
        ],
        batch_size=1000,
    )
    events = AppointmentEvent.objects.bulk_create(
        [
            AppointmentEvent(
                appointment=appointment, kind=EventKind.BOOKED, at=TUESDAY, actor=ActorKind.API, changes={}
            )
            for appointment in appointments
        ],
        batch_size=1000,
    )
    Message.objects.bulk_create(
        [
            Message(
                commune=commune,
                appointment=appointment,
                resident_id=appointment.resident_id,
                cause=f"event:{events[n].pk}",
                recipient=_number(n),
                kind=MessageKind.CONFIRMATION,
                channel=Channel.SMS,
                text=f"Mairie de Petit-Quevilly : essai {n}.",
                told_start=appointment.starts_at,
                told_site_id=appointment.site_id,
                state=State.PENDING,
                due_at=TUESDAY,
                expires_at=appointment.starts_at,
                created_at=TUESDAY,
            )
            for n, appointment in enumerate(appointments)
        ],
        batch_size=1000,
    )


def _number(n: int) -> str:
    """Reserved for fiction, mobile; past ten thousand they would repeat."""
    return f"+3363998{n % 10_000:04d}"
