"""What the checker says of a trip on a duty, as answers show it."""

from __future__ import annotations

from api.routes.proposal_views import notes_of
from api.schemas.assignments import AssignmentBody, CandidateShown, CheckShown, SuggestionShown, SuggestionsShown
from api.schemas.proposals import LiftedRule, RiderShown, ViolationShown, minutes
from api.services.assignments import Wish
from api.services.freed_seats import Candidate
from api.services.proposals import violations_told
from api.services.suggestions import Suggestion, Suggestions
from api.services.verdicts import Verdict
from api.workflow import Role
from optimizer.model import Strength


def wish(body: AssignmentBody) -> Wish:
    """Return what is to be tried."""
    return Wish(
        request_id=body.request_id, duty_id=body.duty_id, pickup_at=body.pickup_at, handover_at=body.handover_at
    )  # fmt: skip


def checked(verdict: Verdict) -> CheckShown:
    """Return a verdict."""
    figures = verdict.figures
    return CheckShown(
        fits=verdict.fits,
        can_be_overridden=not verdict.fits and all(each.strength is Strength.OVERRIDABLE for each in verdict.broken),
        pickup_at=verdict.pickup_at,
        handover_at=verdict.handover_at,
        minutes_on_board=None if figures is None else minutes(figures.on_board),
        minutes_direct=None if figures is None else minutes(figures.direct),
        minutes_limit=None if figures is None or figures.limit is None else minutes(figures.limit),
        violations=[ViolationShown.model_validate(each) for each in violations_told(verdict, Role.ZAB_DISPATCHER)],
        lifted_rules=[LiftedRule.of(each, Role.ZAB_DISPATCHER) for each in verdict.lifted],
        riders=_riders(verdict),
        notes=notes_of(verdict.warned),
    )


def suggested(found: Suggestions) -> SuggestionsShown:
    """Return where a request fits now."""
    return SuggestionsShown(
        request_id=found.request.id, suggestions=[_suggestion(each) for each in found.found], tried=found.tried,
        untried=found.untried,
    )  # fmt: skip


def _suggestion(found: Suggestion) -> SuggestionShown:
    duty, verdict, figures = found.duty, found.verdict, found.verdict.figures
    if figures is None:
        raise AssertionError("what is suggested was laid out")
    return SuggestionShown(
        duty_id=duty.id, duty=duty.code, zab=duty.zab.code, vehicle=duty.vehicle.code, crew=duty.crew.code,
        pickup_at=verdict.pickup_at, handover_at=verdict.handover_at, minutes_on_board=minutes(figures.on_board),
        minutes_direct=minutes(figures.direct),
        minutes_limit=None if figures.limit is None else minutes(figures.limit),
        detour_minutes=minutes(found.added.custody), night_minutes=minutes(found.added.night),
        extra_km=round(figures.extra_metres / 1000), extra_crew_minutes=minutes(figures.extra_crew_seconds),
        extra_cost_cents=round(found.added.cost / 10_000), riders=_riders(verdict),
    )  # fmt: skip


def _riders(verdict: Verdict) -> list[RiderShown]:
    return [
        RiderShown(
            seats=each.seats, is_promised=each.is_promised, is_together=each.is_together,
            minutes_before=minutes(each.before), minutes_after=minutes(each.after),
        )
        for each in verdict.riders
    ]  # fmt: skip


def fitting(candidate: Candidate) -> CandidateShown:
    """Return a waiting request that fits; only what was laid out is a candidate."""
    request, verdict = candidate.request, candidate.verdict
    if verdict.figures is None:
        raise AssertionError("a candidate was laid out")
    return CandidateShown(
        request_id=request.id, pickup_ags=request.pickup_ags, handover_place=request.delivery_place,
        people=request.people, pickup_at=verdict.pickup_at, handover_at=verdict.handover_at,
        minutes_on_board=minutes(verdict.figures.on_board), minutes_direct=minutes(verdict.figures.direct),
    )  # fmt: skip
