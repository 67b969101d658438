"""Synthetic capacity: vehicles of the five ZAB, anonymous crews, shifts, duties."""

from __future__ import annotations

from dataclasses import dataclass, replace

import data
from optimizer.model import Crew, Duty, Shift, Vehicle, Window
from optimizer.model.units import HOUR, MINUTE, Seconds, ZabId
from optimizer.simulate.sampling_calendar import Calendar
from optimizer.simulate.sampling_demand import Supply
from optimizer.simulate.sampling_dice import Dice, Table
from optimizer.simulate.sampling_geography import Geography

_QUARTER = 15 * MINUTE
_WORKSHOP = 14 * HOUR
_LATEST_SECOND_START = 15 * HOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """What can carry; ``first`` are the duties that may hold a promise: the first of each vehicle and day."""

    vehicles: tuple[Vehicle, ...]
    crews: tuple[Crew, ...]
    shifts: tuple[Shift, ...]
    duties: tuple[Duty, ...]
    first: tuple[Duty, ...]


class FleetMaker:
    """Draws vehicles, crews and shifts."""

    def __init__(self, geography: Geography, calendar: Calendar, supply: Supply, dice: Dice) -> None:
        self._geo, self._calendar, self._supply, self._dice = geography, calendar, supply, dice
        self._kinds = Table(supply.kinds)
        self._cents_per_head_hour = {site.zab.id: site.cents_per_head_hour for site in data.zabs()}

    def capacity(self, duties: int) -> Capacity:
        """Return ``duties`` duties, spread evenly over the days; a crew and a vehicle keep together on all days.

        For each 1.2 duties of a day there is a vehicle: the others are second duties of a vehicle, after the first or,
        where that would be too late, beside it (at most one of the two can then be used).
        """
        days = self._calendar.days
        per_day = [duties // days + (day < duties % days) for day in range(days)]
        number = -(-per_day[0] // self._supply.crews_per_vehicle)
        vehicles = self._vehicles(int(number))
        crews: list[Crew] = []
        shifts: list[Shift] = []
        made: list[Duty] = []
        first: list[Duty] = []
        start_by_vehicle: list[Seconds] = []
        for slot in range(per_day[0]):
            vehicle = vehicles[slot % len(vehicles)]
            if slot < len(vehicles):
                start = self._start()
                start_by_vehicle.append(start)
            else:
                start = start_by_vehicle[slot % len(vehicles)] + self._supply.shift
                if start > _LATEST_SECOND_START:
                    start = self._start()
            crew = self._crew(vehicle, sum(c.zab == vehicle.zab for c in crews) + 1)
            crews.append(crew)
            for day in range(days):
                if slot >= per_day[day]:
                    continue
                # Shifts of one crew on two days begin within half an hour of the same time: more than 11 h of rest.
                begin = self._calendar.instant(day, start + self._dice.between(0, 2) * _QUARTER)
                suffix = f"-{day + 1}" if days > 1 else ""
                duty_name = f"{vehicle.zab}-D{int(crew.id[-3:]):03d}{suffix}"
                shift = Shift(
                    id=duty_name.replace("-D", "-S"), crew=crew.id, start=begin, end=begin + self._supply.shift
                )
                depot = self._geo.depot[vehicle.zab].id
                duty = Duty(id=duty_name, shift=shift.id, vehicle=vehicle.id, start_place=depot, end_place=depot)
                shifts.append(shift)
                made.append(duty)
                if slot < len(vehicles):
                    first.append(duty)
        return Capacity(
            vehicles=self._half_days(vehicles, per_day[0]),
            crews=tuple(crews),
            shifts=tuple(shifts),
            duties=tuple(made),
            first=tuple(first),
        )

    def _vehicles(self, number: int) -> list[Vehicle]:
        """Return vehicles by the ZABs' shares of the real fleet; of five or more, the fifth takes wheelchairs."""
        presets = data.vehicle_presets()
        shares: dict[ZabId, int] = {}
        for vehicle in data.fleet().vehicles:
            shares[vehicle.zab] = shares.get(vehicle.zab, 0) + 1
        given = dict.fromkeys(shares, 0)
        made: list[Vehicle] = []
        for i in range(number):
            # The ZAB that is furthest behind its share comes next (d'Hondt), so that any number is spread fairly.
            zab = max(shares, key=lambda z: shares[z] / (given[z] + 1))
            given[zab] += 1
            kind = self._dice.pick(self._kinds)
            made.append(presets["wheelchair_van" if i == 4 else kind].vehicle(f"{zab}-V{given[zab]:03d}", zab))
        return made

    def _start(self) -> Seconds:
        supply = self._supply
        spread = (supply.latest_start - supply.earliest_start) * self._dice.uniform() ** supply.early
        return supply.earliest_start + int(spread) // _QUARTER * _QUARTER

    def _crew(self, vehicle: Vehicle, number: int) -> Crew:
        supply, dice = self._supply, self._dice
        heads = 2
        if vehicle.kind != "car" and dice.chance(supply.third_officer):
            heads = 3
        female = sum(dice.chance(supply.female_officer) for _ in range(heads))
        shares = (("interpreter", supply.interpreter), ("doctor", supply.doctor), ("paramedic", supply.paramedic))
        return Crew(
            id=f"{vehicle.zab}-C{number:03d}",
            zab=vehicle.zab,
            heads=heads,
            officers=heads,
            female_officers=female,
            licences=frozenset({vehicle.licence}),
            skills=frozenset(skill for skill, share in shares if dice.chance(share)),
            cost_per_hour=heads * self._cents_per_head_hour[vehicle.zab],
        )

    def _half_days(self, vehicles: list[Vehicle], per_day: int) -> tuple[Vehicle, ...]:
        """Let a few vehicles that have one duty a day be back in the workshop at 14:00."""
        kept: list[Vehicle] = []
        for i, vehicle in enumerate(vehicles):
            alone = i + len(vehicles) >= per_day
            if self._dice.chance(self._supply.half_day) and alone:
                windows = tuple(
                    Window(earliest=self._calendar.instant(day, 0), latest=self._calendar.instant(day, _WORKSHOP))
                    for day in range(self._calendar.days)
                )
                kept.append(replace(vehicle, availability=windows))
            else:
                kept.append(vehicle)
        return tuple(kept)
