"""Changes of the rules: another parameter set, no pooling, no second round."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields, replace
from functools import cache
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

import data
from optimizer.errors import InvalidValue
from optimizer.io.document import expected_of, plain
from optimizer.model import Instance, InstanceIndex, Need, ParameterSet, PlaceKind, Request, Stop, Window
from optimizer.model.units import Seconds
from optimizer.model.value import Value
from optimizer.simulate.edits import uniform, unit_key


@cache
def _adapter() -> TypeAdapter[ParameterSet]:
    return TypeAdapter(ParameterSet)


_BY_NAME = frozenset({"deadline_weights", "strengths"})
"""Fields that are pairs of a name and a value: a change may be an object with those that are other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UseParameters(Value):
    """Another parameter set: weights, caps, hand-over times.

    Parameters
    ----------
    id
        A set that ships (``data/parameters``); ``None``: the one of the instance.
    changes
        Fields of ``ParameterSet`` with other values, as JSON writes them; a field with parts of its own (``service``,
        ``escorts``, ``travel``) names only the parts that change.

    Times that importing wrote into requests follow: hand-over and pick-up service where a request has exactly what the
    old set prescribes; hand-over windows at airports by the difference of ``handover_before_departure`` (a request does
    not say whether its flight is a charter) and of ``handover_window``; nights with ``day_start`` and ``day_end``.
    Travel times are scaled when the scenario is evaluated (``covering``).
    """

    kind: Literal["use_parameters"] = "use_parameters"
    id: str | None = None
    changes: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.id is None and not self.changes:
            raise InvalidValue("use_parameters", "an id, changes, or both", "neither")
        if self.id is not None and self.id not in data.parameter_set_ids():
            raise InvalidValue("use_parameters.id", f"one of {', '.join(data.parameter_set_ids())}", self.id)
        names = {each.name for each in fields(ParameterSet)} - {"id", "sources"}
        for name in self.changes:
            if name not in names:
                raise InvalidValue("use_parameters.changes", f"one of {', '.join(sorted(names))}", name)
        self.parameters(data.parameter_set())

    def parameters(self, base: ParameterSet) -> ParameterSet:
        """Return the set that this makes of ``base``.

        Raises
        ------
        InvalidValue
            Naming the field that has a value it cannot have.
        """
        base = base if self.id is None else data.parameter_set(self.id)
        document = plain(base)
        for name, value in self.changes.items():
            own = document[name]
            document[name] = own | value if isinstance(own, dict) and isinstance(value, dict) else value
            if name in _BY_NAME and isinstance(value, dict):
                document[name] = [[key, each] for key, each in (dict(own) | value).items()]
        if self.changes:
            document["id"] = f"{base.id}+"
        try:
            return _adapter().validate_json(json.dumps(document))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            cause = first.get("ctx", {}).get("error")
            if isinstance(cause, InvalidValue):
                raise cause from None
            where = ".".join(str(step) for step in first["loc"])
            raise InvalidValue(f"use_parameters.changes.{where}", expected_of(dict(first)), first["input"]) from None

    def change(self, instance: Instance) -> Instance:
        """Return the instance under these rules."""
        old, new = instance.parameters, self.parameters(instance.parameters)
        airports = {place.id for place in instance.places if place.kind is PlaceKind.AIRPORT}
        return replace(
            instance,
            parameters=new,
            requests=tuple(_retimed(r, old, new, by_air=r.delivery.place in airports) for r in instance.requests),
            nights=_nights(instance, old, new),
        )


def _nights(instance: Instance, old: ParameterSet, new: ParameterSet) -> tuple[Window, ...]:
    moved = (
        Window(earliest=night.earliest + new.day_end - old.day_end, latest=night.latest + new.day_start - old.day_start)
        for night in instance.nights
        if night.earliest + new.day_end - old.day_end <= night.latest + new.day_start - old.day_start
    )
    return tuple(moved)


def _retimed(request: Request, old: ParameterSet, new: ParameterSet, *, by_air: bool) -> Request:
    pickup, delivery = request.pickup, request.delivery
    usual = old.service.pickup(request.party.size)
    if pickup.service == usual:
        pickup = replace(pickup, service=new.service.pickup(request.party.size))
    if delivery.service == old.service.handover:
        delivery = replace(delivery, service=new.service.handover)
    if by_air:
        earlier = new.service.handover_before_departure - old.service.handover_before_departure
        if delivery.latest - delivery.earliest == old.service.handover_window:
            delivery = _ending(delivery, delivery.latest - earlier, new.service.handover_window)
        else:
            delivery = _ending(delivery, delivery.latest - earlier, delivery.latest - delivery.earliest)
        # Who must be there earlier is fetched earlier; who may be there later may be fetched later, as with a flight
        # that is late: else a shorter time before departure would let people wait on board.
        latest = max(0, pickup.latest - earlier)
        pickup = replace(pickup, earliest=min(pickup.earliest, latest), latest=latest)
    return (
        request
        if (pickup, delivery) == (request.pickup, request.delivery)
        else replace(request, pickup=pickup, delivery=delivery)
    )


def _ending(stop: Stop, latest: Seconds, width: Seconds) -> Stop:
    end = max(0, latest)
    return replace(stop, earliest=max(0, end - width), latest=end)


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolingOff(Value):
    """Nobody of the pool shares a ride, but with the own family; tours may carry several one after another.

    What was promised together in the first round stays together.
    """

    kind: Literal["pooling_off"] = "pooling_off"

    def change(self, instance: Instance) -> Instance:
        """Return the instance with every pool request to be carried separately."""
        promised = InstanceIndex(instance).committed_duty
        return replace(
            instance,
            requests=tuple(r if r.id in promised else replace(r, separate=True) for r in instance.requests),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondRoundOff(Value):
    """Today's world without the exchange: a rejected request goes back, and its ABH drives it itself or not at all.

    The ZABs carry what they promised in the first round and nothing more. Of an own drive is counted: one request
    carried, the direct ride with its rest stops as time on board, and the road from the pick-up to the hand-over and
    back. The ABH is taken to stand where the pick-up is, and to be free when it must leave: both flatter today's world.

    Parameters
    ----------
    able
        Share (0 to 1) of requests whose ABH can drive, drawn with ``seed``, anew in each draw of a sweep; nobody
        publishes it *(assumption: all)*.
        Who must lie, or needs a place for a wheelchair or a cell, is never among them.
    """

    kind: Literal["second_round_off"] = "second_round_off"
    able: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.able <= 1:
            raise InvalidValue("second_round_off.able", "0 to 1", self.able)
        if self.seed < 0:
            raise InvalidValue("second_round_off.seed", "0 or more", self.seed)

    def change(self, instance: Instance) -> Instance:
        """Return the instance without anybody to be newly placed."""
        return replace(instance, zabs=tuple(replace(zab, budget=0) for zab in instance.zabs))

    def can_drive(self, request: Request, draw: int = 0) -> bool:
        """Whether the ABH of a request drives it in a draw (0 or more); those of a bundle drive both ways or none."""
        special = {Need.LYING, Need.WHEELCHAIR} & request.needs
        fate = uniform(self.seed, draw, "able", unit_key(request))
        return not special and not request.features and fate < self.able
