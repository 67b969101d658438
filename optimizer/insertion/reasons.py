"""Why a late request fits nowhere, duty by duty; what blocks is found out by ``explain``."""

from __future__ import annotations

from dataclasses import replace

from optimizer.explain.blocks import Blocks
from optimizer.explain.finding import Finding, both
from optimizer.explain.message import message
from optimizer.explain.plan import PlanFindings
from optimizer.explain.static import static_finding, static_rule
from optimizer.explain.tour import TourFindings
from optimizer.explain.trials import Trials, subproblem
from optimizer.model import DutyId, InstanceIndex, RequestId, Solution
from optimizer.result import Reason
from optimizer.travel.matrix import TravelMatrix

_ONLY_IF_OTHERS_MOVE = message(
    "Die Fahrt passt hier nur, wenn andere in anderer Reihenfolge oder zu anderen Zeiten fahren.",
    "The trip fits here only if others ride in another order or at other times.",
    "Disposition: mehr Abweichung zulassen oder neu berechnen.",
    "Dispatcher: allow more deviation, or compute anew.",
)


def why_not(index: InstanceIndex, travel: TravelMatrix, plan: Solution, request: RequestId) -> tuple[Reason, ...]:
    """Return what keeps ``request`` off each duty of ``plan``, the nearest to fitting first.

    Parameters
    ----------
    plan
        A plan without fault that leaves the request out and that it cannot be inserted into.
    """
    asked = index.request[request]
    unit = next(members for members in index.units if request in members)
    rules = {duty.id: static_rule(index, asked, duty.id) for duty in index.instance.duties}
    findings = {duty: static_finding(index, asked, duty, rule) for duty, rule in rules.items() if rule is not None}
    duties = [duty.id for duty in index.instance.duties]
    alone = Trials(subproblem(index, unit, duties), travel, {})
    fitting = [duty for duty in duties if rules[duty] is None and alone.fits(request, duty)]
    judge = PlanFindings(index, travel, plan, lambda member: any(alone.fits(member, duty) for duty in duties))
    findings |= {duty: _of_plan(judge.finding(asked, [duty])) for duty in fitting}
    # Duties that nothing tells apart are asked once.
    alike = alone.duties_alike()
    kinds: dict[DutyId, list[DutyId]] = {}
    for duty in duties:
        if duty not in findings:
            kinds.setdefault(alike[duty], []).append(duty)
    if kinds:
        blocks = Blocks(index, travel, [request], list(kinds))
        tours = TourFindings(index, travel, blocks)
        for kind, members in kinds.items():
            finding = tours.finding(asked, kind, blocks.of(request, kind))
            findings |= {duty: replace(finding, duty=duty) for duty in members}
    nearest = sorted(findings.values(), key=lambda finding: (finding.rank, duties.index(finding.duty)))
    return tuple(finding.reason(index.duty_zab(finding.duty)) for finding in nearest)


def _of_plan(finding: Finding) -> Finding:
    """Say what ``PlanFindings`` cannot know: that it would fit, were not order and times to stay."""
    return finding if any(finding.rank) else replace(finding, message=_ONLY_IF_OTHERS_MOVE, values=both())
