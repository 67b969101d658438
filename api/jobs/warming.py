"""What a worker does before its first run: load the solver and its kernels, so that the first match takes no longer."""

from __future__ import annotations

import data
from api.db.tables import RunKind
from api.services.matching import match
from optimizer.model import (
    AgeBand,
    Crew,
    Duty,
    Instance,
    Party,
    People,
    Request,
    SeatConfiguration,
    Sex,
    Shift,
    Stop,
    Vehicle,
    Zab,
)
from optimizer.model.units import HOUR, MINUTE
from optimizer.search.observer import SilentObserver
from optimizer.travel import GreatCircle


def warm() -> None:
    """Match two made-up requests: one alone, then both together."""
    for number in (1, 2):
        instance = tiny(number)
        travel = GreatCircle(instance.parameters.travel).matrix(instance.places)
        knobs = {"workers": 1, "time_limit": None, "rounds": 1}
        match(
            RunKind.CONTINUOUS, instance, travel, knobs, observer=SilentObserver(), is_cancelled=lambda: False
        )  # fmt: skip


def tiny(number: int) -> Instance:
    """Return ``number`` requests for one duty: two places of the catalogue, one man each."""
    towns, airport, depot = data.places()[:number], data.airports()[0].place, data.zabs()[0].depot
    man = Party(groups=(People(age=AgeBand.ADULT, sex=Sex.MALE),))
    day = (6 * HOUR, 18 * HOUR)

    def stop(place: str, service: int) -> Stop:
        return Stop(place=place, earliest=day[0], latest=day[1], service=service)

    return Instance(
        name="warm",
        places=(*towns, airport, depot),
        zabs=(Zab(id="zab", name="zab"),),
        vehicles=(Vehicle(id="vehicle", zab="zab", configurations=(SeatConfiguration(seats=9),)),),
        crews=(Crew(id="crew", zab="zab"),),
        shifts=(Shift(id="shift", crew="crew", start=5 * HOUR, end=20 * HOUR),),
        duties=(Duty(id="duty", shift="shift", vehicle="vehicle", start_place=depot.id, end_place=depot.id),),
        requests=tuple(
            Request(id=f"r{k}", pickup=stop(town.id, 30 * MINUTE), delivery=stop(airport.id, 30 * MINUTE), party=man)
            for k, town in enumerate(towns)
        ),
        parameters=data.parameter_set(),
    )
