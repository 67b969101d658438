"""Coded reasons of the steps of a request (``api.workflow``); those of a decline stand with what they lead to."""

from __future__ import annotations

from enum import StrEnum


class CancelCode(StrEnum):
    """Why an ABH withdraws a request."""

    OWN_TRANSPORT = "own_transport"
    DATE_MOVED = "date_moved"
    MEASURE_ENDED = "measure_ended"
    DUPLICATE = "duplicate"
    OTHER = "other"


class StopCode(StrEnum):
    """Why a measure must stop at once (domain.md, humane rule 8)."""

    COURT = "court"
    MEDICAL = "medical"
    VOLUNTARY_DEPARTURE = "voluntary_departure"
    WITHDRAWAL = "withdrawal"


class FailCode(StrEnum):
    """Why a transport that had begun did not end at the hand-over."""

    NOT_MET = "not_met"
    RESISTANCE = "resistance"
    MEDICAL = "medical"
    COURT = "court"
    CARRIER_REFUSED = "carrier_refused"
    AUTHORITY_REFUSED = "authority_refused"
    VEHICLE = "vehicle"
    OTHER = "other"


class MoveCode(StrEnum):
    """Why the date of a measure moves after somebody promised the transport, or after it went back to its ABH."""

    DATE_MOVED = "date_moved"
    """Another date was offered for transit or medical reception, and the owner accepted it."""
    FLIGHT_REBOOKED = "flight_rebooked"
    OTHER = "other"


class ConditionCode(StrEnum):
    """What a provisional promise waits for."""

    VEHICLE_PENDING = "vehicle_pending"
    CREW_PENDING = "crew_pending"
    GATE_PENDING = "gate_pending"
    CLEARANCE_PENDING = "clearance_pending"
    OTHER = "other"


class CounterCode(StrEnum):
    """What a counter-proposal changes."""

    OTHER_TIME = "other_time"
    OTHER_PLACE = "other_place"
    OTHER = "other"


class SettleCode(StrEnum):
    """How a lead settles what was declined, or opens what was frozen."""

    CAPACITY_FOUND = "capacity_found"
    DECLINE_UPHELD = "decline_upheld"
    """The ZAB need not take it; it is barred, and the others are asked."""
    DECLINE_REFUSED = "decline_refused"
    AGREED = "agreed"
    OTHER = "other"


class LiftCode(StrEnum):
    """Why a stop ends."""

    ORDER_LIFTED = "order_lifted"
    FIT_TO_TRAVEL = "fit_to_travel"
    ENTERED_IN_ERROR = "entered_in_error"
    OTHER = "other"
