"""What a trip adds to the cost of its duty: kilometres and crew time as its proposal states them, money by the rates.

The same kilometres and crew time enter the burden ledger once it is promised. Rates are those of vehicle and crew now;
CO2 has the price of the parameter set in force on the day.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from api.db.tables import Proposal
from api.deadlines import BERLIN
from api.services import parameters
from optimizer.model.units import Metres, MicroEuros, Seconds, per_metre, per_second


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a trip adds; ``micro_euros`` is ``None`` where neither vehicle nor crew has a rate."""

    metres: Metres
    crew_seconds: Seconds
    micro_euros: MicroEuros | None


def of_proposal(session: Session, proposal: Proposal) -> Cost | None:
    """Return what a proposal adds to its duty; ``None`` where it was never reckoned.

    Raises
    ------
    Problem
        ``unavailable`` (503) where no parameter set holds on the day of the pick-up.
    """
    known = proposal.explanation
    if "extra_metres" not in known or "extra_crew_seconds" not in known:
        return None
    metres, crew_seconds = int(known["extra_metres"]), int(known["extra_crew_seconds"])
    vehicle, crew = proposal.duty.vehicle.content, proposal.duty.crew.content
    price = parameters.in_force(session, proposal.pickup_at.astimezone(BERLIN).date()).co2_price
    metre = per_metre(vehicle.get("cost_per_km", 0), vehicle.get("co2_per_km", 0), price)
    second = per_second(crew.get("cost_per_hour", 0))
    has_rates = bool(vehicle.get("cost_per_km") or crew.get("cost_per_hour"))
    return Cost(
        metres=metres, crew_seconds=crew_seconds,
        micro_euros=metres * metre + crew_seconds * second if has_rates else None,
    )  # fmt: skip
