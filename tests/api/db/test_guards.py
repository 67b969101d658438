"""What must never be, the database refuses: doubled crews, vehicles, seats, offers; a changed log."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, delete, select, text, update
from sqlalchemy.exc import DatabaseError, IntegrityError, StatementError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from api.db.engine import make_sessions
from api.db.tables import AuditEntry, DutyRow, Organisation, Proposal, Standing, TourStop, TransportRequest
from api.workflow import State
from optimizer.model import VisitKind
from tests.api.db.rows import NOW, crew, duty, hours, organisation, proposal, transport_request, vehicle, world


def refused(engine: Engine, add: Callable[[Session], object], match: str) -> None:
    """The change is refused by the database itself."""
    with pytest.raises(DatabaseError, match=match):
        change(engine, add)


def change(engine: Engine, add: Callable[[Session], object]) -> None:
    """Do it in a transaction."""
    with Session(engine) as session, session.begin():
        add(session)
        session.flush()


# --- crews and vehicles -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shared", ["crew", "vehicle"])
@pytest.mark.parametrize(("since", "until", "clash"), [(13, 20, True), (14, 20, False), (5, 6, False), (8, 9, True)])
def test_two_used_duties_do_not_share_a_crew_or_vehicle(
    engine: Engine, shared: str, since: float, until: float, *, clash: bool
) -> None:
    def add(session: Session) -> None:
        zab = organisation()
        crews = [crew(zab, "C1"), crew(zab, "C2")]
        vehicles = [vehicle(zab, "V1"), vehicle(zab, "V2")]
        session.add(duty(crews[0], vehicles[0], is_used=True))
        session.flush()
        other = (crews[0], vehicles[1]) if shared == "crew" else (crews[1], vehicles[0])
        session.add(duty(*other, "D2", since=since, until=until, is_used=True))

    if clash:
        refused(engine, add, f"ex_duty_{shared}")
    else:
        with Session(engine) as session, session.begin():
            add(session)


def test_duties_that_are_not_used_may_overlap_until_both_are(engine: Engine) -> None:
    with Session(engine) as session, session.begin():
        zab = organisation()
        team = crew(zab)
        session.add_all([duty(team, vehicle(zab, "V1"), is_used=True), duty(team, vehicle(zab, "V2"), "D2")])
    refused(engine, lambda session: session.execute(update(DutyRow).values(is_used=True)), "ex_duty_crew")


def test_of_two_who_use_a_crew_at_once_one_wins(engine: Engine) -> None:
    with Session(engine) as session, session.begin():
        zab = organisation()
        team = crew(zab)
        session.add_all([duty(team, vehicle(zab, f"V{n}"), f"D{n}") for n in range(8)])
    outcomes = at_once(
        engine,
        8,
        lambda session, n: session.execute(update(DutyRow).where(DutyRow.code == f"D{n}").values(is_used=True)),
    )
    assert outcomes.count("done") == 1
    with Session(engine) as session:
        assert len(session.scalars(select(DutyRow).where(DutyRow.is_used)).all()) == 1


# --- offers and seats -------------------------------------------------------------------------------------------------


def test_of_a_request_one_proposal_is_live(engine: Engine) -> None:
    with Session(engine) as session, session.begin():
        _, made, request = world(session)
        session.add_all([proposal(request, made), proposal(request, made, standing=Standing.LOST)])
    refused(
        engine,
        lambda session: session.add(
            proposal(session.scalars(select(TransportRequest)).one(), session.scalars(select(DutyRow)).one())
        ),
        "uq_proposal_live_request|proposal.request_id",
    )


def test_of_many_who_offer_at_once_one_wins(engine: Engine) -> None:
    with Session(engine) as session, session.begin():
        world(session)

    def offer(session: Session, _: int) -> None:
        session.add(proposal(session.scalars(select(TransportRequest)).one(), session.scalars(select(DutyRow)).one()))

    assert at_once(engine, 10, offer).count("done") == 1


def test_no_more_people_than_seats_and_no_stop_twice(engine: Engine) -> None:
    def stop(position: int = 0, **fields: Any) -> TourStop:
        known = {
            "position": position, "kind": VisitKind.PICKUP, "arrival": hours(7), "start": hours(7),
            "departure": hours(7.5), "on_board": 2, "seats": 3,
        }  # fmt: skip
        return TourStop(**(known | fields))

    with Session(engine) as session, session.begin():
        _, made, request = world(session)
        session.add(stop(duty_id=made.id, request_id=request.id))
        ids = made.id, request.id
    refused(engine, lambda s: s.add(stop(1, duty_id=ids[0], on_board=4)), "seats")
    refused(engine, lambda s: s.add(stop(0, duty_id=ids[0])), "(?i)pk_tour_stop|unique")
    refused(engine, lambda s: s.add(stop(1, duty_id=ids[0], request_id=ids[1])), "(?i)uq_tour_stop_request|unique")
    refused(engine, lambda s: s.add(stop(1, duty_id=ids[0], arrival=hours(9))), "times")


# --- states, versions, references -------------------------------------------------------------------------------------


def test_an_unknown_state_is_refused(engine: Engine) -> None:
    with Session(engine) as session, session.begin():
        world(session)
    refused(engine, lambda s: s.execute(text("UPDATE transport_request SET state = 'lost'")), "request_state")


def test_a_change_on_an_old_version_is_refused(engine: Engine) -> None:
    with Session(engine) as session, session.begin():
        world(session)
    sessions = make_sessions(engine)
    with sessions() as one:
        mine = one.scalars(select(TransportRequest)).one()
        one.commit()
        with sessions() as other, other.begin():
            other.scalars(select(TransportRequest)).one().state = State.PROPOSED
        mine.state = State.CANCELLED
        with pytest.raises(StaleDataError):
            one.commit()


def test_a_case_is_open_once(engine: Engine) -> None:
    with Session(engine) as session, session.begin():
        _, _, request = world(session)
        session.add(transport_request(request.organisation, state=State.CANCELLED))
    refused(
        engine,
        lambda s: s.add(
            transport_request(s.scalars(select(Organisation).where(Organisation.code.like("abh:%"))).one())
        ),
        "(?i)uq_transport_request_open_case|unique",
    )


def test_what_is_referred_to_stays(engine: Engine) -> None:
    with Session(engine) as session, session.begin():
        _, made, request = world(session)
        session.add(proposal(request, made))
    refused(engine, lambda s: s.execute(delete(DutyRow)), "(?i)foreign key")


def test_the_log_is_only_added_to(engine: Engine) -> None:
    entry = AuditEntry(
        number=1, at=NOW, role="system", action="created", subject_kind="request", subject_id="1", details={},
        previous="0" * 64, sha256="1" * 64,
    )  # fmt: skip
    with Session(engine) as session, session.begin():
        session.add(entry)
    refused(engine, lambda s: s.execute(update(AuditEntry).values(action="forged")), "append-only")
    refused(engine, lambda s: s.execute(delete(AuditEntry)), "append-only")


def test_instants_keep_their_meaning_and_none_is_without_offset(engine: Engine) -> None:
    with Session(engine) as session, session.begin():
        world(session)
    with Session(engine) as session:
        assert session.scalars(select(DutyRow)).one().starts_at == hours(6)
    with pytest.raises(StatementError, match="offset"):
        change(engine, lambda s: s.execute(update(DutyRow).values(starts_at=hours(6).replace(tzinfo=None))))


def test_ids_come_in_order(engine: Engine) -> None:
    with Session(engine) as session, session.begin():
        zab = organisation()
        session.add(zab)
        for number in range(50):
            session.add(vehicle(zab, f"V{number:02d}"))
            session.flush()
    with Session(engine) as session:
        rows = session.execute(text("SELECT code FROM vehicle ORDER BY id")).scalars().all()
    assert rows == sorted(rows)


def at_once(engine: Engine, number: int, work: Callable[[Session, int], object]) -> list[str]:
    """Do the work in threads that start together, each in a transaction; return what became of each."""
    gate = threading.Barrier(number)
    outcomes: list[str] = []

    def run(n: int) -> None:
        try:
            with Session(engine) as session, session.begin():
                gate.wait()
                work(session, n)
            outcomes.append("done")
        except (IntegrityError, DatabaseError) as error:
            outcomes.append(type(error).__name__)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(outcomes) == number
    return outcomes


def test_a_proposal_belongs_to_the_request(engine: Engine) -> None:
    with Session(engine) as session, session.begin():
        _, made, request = world(session)
        session.add(proposal(request, made))
    with Session(engine) as session:
        assert session.scalars(select(Proposal)).one().request.case_reference == "A-1"
