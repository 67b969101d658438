"""What keeps a request off a duty that it fits on alone: those who ride there now, or a rule across tours."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from optimizer.explain.displacement import fewest_displaced
from optimizer.explain.finding import Finding, both
from optimizer.explain.message import LANGUAGES
from optimizer.explain.messages import MESSAGES
from optimizer.explain.messages_precise import MEANWHILE, PRECISE, Precise
from optimizer.master.rows import conflict
from optimizer.model import DutyId, InstanceIndex, Request, RequestId, Rule, Solution
from optimizer.result import Obstacle
from optimizer.travel.matrix import TravelMatrix

_TAKEN: Mapping[Rule, str] = {
    Rule.VEHICLE_DOUBLED: "vehicle",
    Rule.CREW_DOUBLED: "crew",
    Rule.REST_BETWEEN_SHIFTS: "rest",
}


class PlanFindings:
    """Judges duties of a plan for requests that the plan leaves out.

    Parameters
    ----------
    is_carriable
        Whether a request fits on any duty at all.
    """

    def __init__(
        self, index: InstanceIndex, travel: TravelMatrix, solution: Solution, is_carriable: Callable[[RequestId], bool]
    ) -> None:
        self._index = index
        self._travel = travel
        self._is_carriable = is_carriable
        pool = [request.id for request in index.pool]
        self._riders: dict[DutyId, tuple[RequestId, ...]] = {
            tour.duty: tuple(request for request in pool if request in tour.requests) for tour in solution.tours
        }
        self._unit_of = {member: unit for unit in index.units for member in unit}

    def finding(self, request: Request, duties: Sequence[DutyId]) -> Finding:
        """Return the nearest finding among ``duties`` of one ZAB, on each of which the request fits alone."""
        partner = self._partner(request.id)
        if partner is not None and not self._is_carriable(partner):
            return self._bundle(duties[0], partner)
        findings = []
        # Unused duties and those with few riders come nearest; one without any obstacle ends the search.
        for duty in sorted(duties, key=lambda duty: len(self._riders.get(duty, ()))):
            findings.append(self._of(request, duty, partner))
            if not findings[-1].displaces and findings[-1].rank[1] == 0:
                break
        return min(findings, key=lambda finding: finding.rank)

    def _of(self, request: Request, duty: DutyId, partner: RequestId | None) -> Finding:
        if duty not in self._riders:
            doubled = self._conflict(duty)
            if doubled is not None:
                return doubled
        riders = self._riders.get(duty, ())
        displaced: tuple[RequestId, ...] | None = ()
        if riders:
            displaced = fewest_displaced(self._index, self._travel, request.id, duty, riders)
        if displaced is None:
            raise AssertionError(f"request {request.id} fits on duty {duty} alone, yet not with nobody else there")
        if displaced:
            leaving = self._units(displaced)
            which = Precise.DISPLACES if len(leaving) > 1 else Precise.DISPLACES_ONE
            return Finding(
                duty=duty,
                obstacle=Obstacle.DISPLACES,
                rule=None,
                message=PRECISE[which],
                values=both(others=", ".join(leaving)),
                displaces=leaving,
                rank=(0, 1, len(leaving)),
            )
        zab = self._index.zab[self._index.duty_zab(duty)]
        taken = [r for d, riders in self._riders.items() if self._index.duty_zab(d) == zab.id for r in riders]
        if zab.budget is not None and len(taken) >= zab.budget:
            return Finding(
                duty=duty,
                obstacle=Obstacle.DISPLACES,
                rule=Rule.BUDGET,
                message=PRECISE[Precise.BUDGET],
                values=both(budget=zab.budget),
                displaces=tuple(taken),
                rank=(0, 0, 1),
            )
        if partner is not None:
            return self._bundle(duty, partner)
        return Finding(
            duty=duty,
            obstacle=Obstacle.DISPLACES,
            rule=None,
            message=PRECISE[Precise.FITS],
            rank=(0, 0, 0),
        )

    def _bundle(self, duty: DutyId, partner: RequestId) -> Finding:
        return Finding(
            duty=duty,
            obstacle=Obstacle.BUNDLE,
            rule=Rule.BUNDLE,
            message=PRECISE[Precise.BUNDLE],
            values=both(partner=partner),
            rank=(0, 0, 2),
        )

    def _conflict(self, duty: DutyId) -> Finding | None:
        """Return what used duties take away from an unused one, ``None`` where they leave it crew and vehicle."""
        rules = {used: conflict(self._index, duty, used) for used in self._riders}
        taken = {used: rule for used, rule in rules.items() if rule is not None}
        if not taken:
            return None
        promised = [used for used in taken if used in self._index.commitment]
        shown = promised[0] if promised else next(iter(taken))
        rule = taken[shown]
        leaving = () if promised else self._units([r for used in taken for r in self._riders[used]])
        if not promised and not leaving:
            return None
        which = Precise.OTHER_DUTY_PROMISED if promised else Precise.OTHER_DUTY
        return Finding(
            duty=duty,
            obstacle=Obstacle.DISPLACES,
            rule=rule,
            message=PRECISE[which] if rule in _TAKEN else MESSAGES[rule],
            values={
                language: {"cause": MEANWHILE[language][_TAKEN[rule]].format(duty=shown), "others": ", ".join(leaving)}
                for language in LANGUAGES
            },
            displaces=leaving,
            rank=(0, 2 if leaving else 3, len(leaving)),
        )

    def _partner(self, request: RequestId) -> RequestId | None:
        """Return a partner of the bundle, one that cannot be carried at all first."""
        partners = [member for member in self._unit_of[request] if member != request]
        return min(partners, key=self._is_carriable, default=None)

    def _units(self, leaving: Sequence[RequestId]) -> tuple[RequestId, ...]:
        """Add the partners of bundles: they would have to leave too."""
        return tuple(dict.fromkeys(member for request in leaving for member in self._unit_of[request]))
