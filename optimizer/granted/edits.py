"""Single things of a day, found by their id and changed; all else stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Set
from dataclasses import replace
from typing import Protocol, TypeVar

from optimizer.errors import InvalidValue
from optimizer.model import Crew, DutyId, Instance, Promise, RequestId, Shift, Vehicle


class _Named(Protocol):
    @property
    def id(self) -> str: ...


T = TypeVar("T", bound=_Named)


def known(subject: str, wanted: str, ids: Set[str]) -> None:
    """Refuse an id that the instance has not.

    Raises
    ------
    InvalidValue
        Naming up to ten ids that it has.
    """
    if wanted not in ids:
        expected = f"an id that is there ({listed(ids) or 'there is none'})"
        raise InvalidValue(subject, expected, wanted, "Correct the id.")


def listed(ids: Collection[str]) -> str:
    """Return up to ten ids by commas, in their order; more are hinted at."""
    return ", ".join(sorted(ids)[:10]) + (", ..." if len(ids) > 10 else "")


def found(subject: str, wanted: str, things: Collection[T]) -> T:
    """Return the thing of an id; raises as ``known``."""
    for each in things:
        if each.id == wanted:
            return each
    known(subject, wanted, {each.id for each in things})
    raise AssertionError("the id is known")


def shift_of(subject: str, duty: DutyId, instance: Instance) -> Shift:
    """Return the shift of a duty; raises as ``known``."""
    return found(subject, found(subject, duty, instance.duties).shift, instance.shifts)


def crew_of(subject: str, duty: DutyId, instance: Instance) -> Crew:
    """Return the crew of a duty; raises as ``known``."""
    return found(subject, shift_of(subject, duty, instance).crew, instance.crews)


def vehicle_of(subject: str, duty: DutyId, instance: Instance) -> Vehicle:
    """Return the vehicle of a duty; raises as ``known``."""
    return found(subject, found(subject, duty, instance.duties).vehicle, instance.vehicles)


def with_request(instance: Instance, request: RequestId, **fields: object) -> Instance:
    """Return the day with fields of one request changed."""
    return replace(instance, requests=_with(instance.requests, request, fields))


def with_shift(instance: Instance, shift: str, **fields: object) -> Instance:
    """Return the day with fields of one shift changed."""
    return replace(instance, shifts=_with(instance.shifts, shift, fields))


def with_vehicle(instance: Instance, vehicle: str, **fields: object) -> Instance:
    """Return the day with fields of one vehicle changed."""
    return replace(instance, vehicles=_with(instance.vehicles, vehicle, fields))


def with_crew(instance: Instance, crew: str, **fields: object) -> Instance:
    """Return the day with fields of one crew changed."""
    return replace(instance, crews=_with(instance.crews, crew, fields))


def with_zab(instance: Instance, zab: str, **fields: object) -> Instance:
    """Return the day with fields of one ZAB changed."""
    return replace(instance, zabs=_with(instance.zabs, zab, fields))


def _with(things: tuple[T, ...], wanted: str, fields: Mapping[str, object]) -> tuple[T, ...]:
    return tuple(replace(each, **fields) if each.id == wanted else each for each in things)  # type: ignore[type-var]


def parted(instance: Instance, bundled: Collection[RequestId]) -> Instance:
    """Return the day on which these requests no longer stand or fall together."""
    requests = tuple(replace(r, bundle=None) if r.id in bundled else r for r in instance.requests)
    return replace(instance, requests=requests)


def released(instance: Instance, is_broken: Callable[[DutyId, Promise], bool]) -> Instance:
    """Return the day without the promises of every request of which one promise is broken."""
    commitments = []
    for commitment in instance.commitments:
        broken = {p.request for p in commitment.promises if is_broken(commitment.duty, p)}
        kept = tuple(p for p in commitment.promises if p.request not in broken)
        if kept == commitment.promises:
            commitments.append(commitment)
        elif kept:
            commitments.append(replace(commitment, promises=kept))
    return replace(instance, commitments=tuple(commitments))


def counted(subject: str, number: int, most: int) -> None:
    """Refuse a number that is not from 1 to ``most``."""
    if not 1 <= number <= most:
        raise InvalidValue(subject, f"1 to {most}", number)


def some_seconds(subject: str, *seconds: int) -> None:
    """Refuse lengths of which one is negative, or none is more than nothing."""
    if min(seconds) < 0 or not any(seconds):
        raise InvalidValue(subject, "0 or more seconds, and one of them more than 0", seconds)
