"""What a ride alone would take, and how long it may take at most: told beside each proposal, used by the import."""

from __future__ import annotations

from optimizer.model import ParameterSet, Request, Rule
from optimizer.model.units import Seconds


def rest_time(drive: Seconds, has_children: bool, parameters: ParameterSet) -> Seconds:
    """Seconds of rest of passengers on a drive: one rest after each full interval, none at its end."""
    every = parameters.rest_interval(with_children=has_children)
    if every is None:
        return 0
    return max(0, -(-drive // every) - 1) * parameters.rest_length


def longest_ride(request: Request, direct: Seconds, parameters: ParameterSet) -> Seconds | None:
    """Most seconds on board that the caps leave; ``None`` without any cap.

    ``direct`` is the direct ride with its rests. Caps that are waived for the request, or only told as warnings, do
    not count; the request's own cap always does.
    """
    caps = [request.max_ride] if request.max_ride is not None else []
    if parameters.enforced(Rule.RIDE_TIME) and Rule.RIDE_TIME not in request.waived:
        caps += [parameters.ride_cap] if parameters.ride_cap is not None else []
        if request.party.has_children and parameters.ride_cap_children is not None:
            caps.append(parameters.ride_cap_children)
    if (
        parameters.detour_permille is not None
        and parameters.enforced(Rule.DETOUR)
        and Rule.DETOUR not in request.waived
    ):
        caps.append(max(direct * parameters.detour_permille // 1000, direct + parameters.detour_allowance))
    return min(caps, default=None)
