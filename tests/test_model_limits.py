"""Numbers that no day has are refused by the model, before tables are made by them or a sum runs over."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from optimizer.errors import InvalidValue
from optimizer.explain.unserved import unserved_reasons
from optimizer.model import (
    MOST,
    AgeBand,
    InstanceIndex,
    ParameterSet,
    People,
    Rule,
    SeatConfiguration,
    Sex,
    WorkingTime,
    Zab,
)
from tests import builders as b

TOO_MANY = MOST + 1
TRAVEL = b.line({"depot": 0, "A": 600, "B": 1200})


@pytest.mark.parametrize(
    "make",
    [
        lambda: People(age=AgeBand.ADULT, sex=Sex.MALE, count=TOO_MANY),
        lambda: SeatConfiguration(seats=TOO_MANY),
        lambda: SeatConfiguration(seats=1, wheelchair_places=TOO_MANY),
        lambda: b.vehicle(luggage=TOO_MANY),
        lambda: b.vehicle(cost_per_km=TOO_MANY),
        lambda: b.crew(heads=TOO_MANY),
        lambda: b.request("R1", "A", "B", luggage=TOO_MANY),
        lambda: b.request("R1", "A", "B", load=TOO_MANY),
        lambda: b.request("R1", "A", "B", weight=TOO_MANY),
        lambda: Zab(id="Z", name="Z", prior_load=TOO_MANY),
        lambda: ParameterSet(id="p", max_wait=-1),
        lambda: ParameterSet(id="p", co2_price=TOO_MANY),
        lambda: WorkingTime(id="w", rest=-1),
    ],
)
def test_numbers_beyond_all_days_are_refused(make: Callable[[], object]) -> None:
    with pytest.raises(InvalidValue):
        make()


def test_a_crew_that_fills_any_vehicle_and_a_load_beyond_all_are_explained() -> None:
    fields = b.fleet(1)
    day = b.instance(
        b.request("R1", "A", "B", load=50_000, luggage=20_000),
        **fields | {"crews": (b.crew(heads=20_000, officers=2),)},
    )
    (told,) = unserved_reasons(InstanceIndex(day), TRAVEL, b.plan())
    assert [reason.rule for reason in told.reasons] == [Rule.LOAD]
