"""Synthetic people by the shares of ``Demand``: age bands and sex, needs, escorts."""

from __future__ import annotations

from optimizer.model import AgeBand, Need, Party, People, Sex
from optimizer.simulate.sampling_demand import Demand
from optimizer.simulate.sampling_dice import Dice, Table


class PartyMaker:
    """Draws the people of one request."""

    def __init__(self, demand: Demand, dice: Dice) -> None:
        self._demand, self._dice = demand, dice
        detained = demand.detention_ufa + demand.prison
        places = detained + demand.dwelling + demand.state_facility
        everyone = sum(weight for _, weight in demand.unit_sizes)
        # People in detention are single: the others are families the more often, so that the shares of all units hold.
        singles_elsewhere = sum(w for size, w in demand.unit_sizes if size == 1) / everyone - detained / places
        families = [(size, weight / everyone) for size, weight in demand.unit_sizes if size > 1]
        self._sizes = Table([(1, max(singles_elsewhere, 0.01)), *families])
        self._child_ages = Table(demand.child_ages)

    def detained(self) -> Party:
        """Return one adult."""
        return Party(groups=(People(age=AgeBand.ADULT, sex=self._sex(self._demand.male_single)),))

    def anyone(self) -> Party:
        """Return a single person or a family."""
        demand, dice = self._demand, self._dice
        size = dice.pick(self._sizes)
        if size == 1:
            age = AgeBand.TEEN if dice.chance(demand.lone_minor) else AgeBand.ADULT
            return Party(groups=(People(age=age, sex=self._sex(demand.male_single)),))
        people: dict[tuple[AgeBand, Sex], int] = {}
        if dice.chance(demand.second_adult):
            people[AgeBand.ADULT, Sex.FEMALE] = 1
            people[AgeBand.ADULT, Sex.MALE] = 1
        else:
            people[AgeBand.ADULT, self._sex(1 - demand.lone_parent_female)] = 1
        while sum(people.values()) < size:
            child = (dice.pick(self._child_ages), self._sex(0.5))
            people[child] = people.get(child, 0) + 1
        return Party(groups=tuple(People(age=age, sex=sex, count=count) for (age, sex), count in people.items()))

    def _sex(self, male: float) -> Sex:
        return Sex.MALE if self._dice.chance(male) else Sex.FEMALE


def needs_of(dice: Dice, demand: Demand, *, detained: bool) -> tuple[frozenset[Need], int]:
    """Return needs as codes, and the number of wheelchairs."""
    needs = {
        need
        for need, share in (
            (Need.DOCTOR, demand.doctor),
            (Need.PARAMEDIC, demand.paramedic),
            (Need.INTERPRETER, demand.interpreter),
            (Need.LYING, demand.lying),
        )
        if dice.chance(share)
    }
    # Wheelchair users are not held in detention here, so that the share among the others is higher.
    held = demand.detention_ufa + demand.prison
    wheelchair = not detained and dice.chance(demand.wheelchair / (1 - held)) and Need.LYING not in needs
    if wheelchair:
        needs.add(Need.WHEELCHAIR)
    return frozenset(needs), int(wheelchair)


def escorts_of(dice: Dice, demand: Demand, party: Party) -> tuple[int, int]:
    """Return how many officers must ride along, and how many of them must be women."""
    female = int(party.has_female and dice.chance(demand.female_escort))
    if dice.chance(demand.extra_escort):
        return 3, female
    return 2 * female, female
