"""How synthetic demand is spread: every share in one place.

The shares are those of the project's domain notes (removals, airports, districts and departure hours from press reports
and statistics; the rest are assumptions, marked *ours* where the notes say nothing). All people are synthetic.
"""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.model import AgeBand, CaseType, DeadlineClass, RejectionCode

Shares = tuple[tuple[str, float], ...]
Classes = tuple[tuple[DeadlineClass, float], ...]

_U, _S, _N = DeadlineClass.URGENT, DeadlineClass.SOON, DeadlineClass.NORMAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """Shares of a synthetic day; weights need not sum to 1."""

    # Who: size of the unit. Units in detention are single adults, so that the others make up for it.
    unit_sizes: tuple[tuple[int, float], ...] = ((1, 79), (2, 8), (3, 5), (4, 4), (5, 2.5), (6, 1.0), (7, 0.5))
    male_single: float = 0.87  # ours: gives 74 % men among all adults
    lone_minor: float = 0.01  # ours
    second_adult: float = 0.65  # ours, of families
    lone_parent_female: float = 0.8  # ours
    child_ages: tuple[tuple[AgeBand, float], ...] = (  # ours
        (AgeBand.INFANT, 18),
        (AgeBand.TODDLER, 18),
        (AgeBand.CHILD, 32),
        (AgeBand.YOUNG, 12),
        (AgeBand.TEEN, 20),
    )

    # From where.
    dwelling: float = 0.50
    state_facility: float = 0.27
    detention_ufa: float = 0.20
    prison: float = 0.03
    same_flight: float = 0.5  # ours: single people who leave a facility for a flight that another one there takes
    facility_service: int = 900  # ours: seconds of service for each unit where staff has everyone ready
    bezirke: Shares = (("051", 29), ("053", 25), ("059", 20), ("055", 15), ("057", 11))

    # Where to.
    by_air: float = 0.86
    airports: Shares = (
        ("DUS", 65),
        ("FRA", 17),
        ("CGN", 4),
        ("HAM", 5.0),
        ("HAJ", 3.6),
        ("BER", 1.6),
        ("MUC", 1.2),
        ("LEJ", 0.6),
        ("DTM", 0.5),
        ("FMO", 0.5),
        ("NRN", 0.5),
        ("PAD", 0.5),
    )
    charter: float = 0.25  # ours, of flights to countries of origin from DUS and FRA
    charters: tuple[int, ...] = (10 * 3600, 13 * 3600)  # ours: departures that all charters of an airport share
    air_cases: tuple[tuple[CaseType, float], ...] = (
        (CaseType.DUBLIN, 23.5),
        (CaseType.THIRD_COUNTRY, 4),
        (CaseType.COUNTRY_OF_ORIGIN, 72.5),
    )
    land_cases: tuple[tuple[CaseType, float], ...] = (  # ours, but that Dublin is 26 % of all
        (CaseType.DUBLIN, 42),
        (CaseType.EMBASSY, 25),
        (CaseType.FACILITY_TRANSFER, 23),
        (CaseType.DETENTION_HEARING, 10),
    )
    embassy_return: float = 0.6  # ours

    # When. Classes of departure: first and last second of the local day.
    weekdays: tuple[float, ...] = (20, 24, 23, 21, 10, 1, 1)
    dublin_friday_on: float = 0.15  # ours: how much of the weight of Friday to Sunday is left for Dublin transfers
    departures: tuple[tuple[tuple[int, int], float], ...] = (
        ((6 * 3600, 9 * 3600), 30),
        ((9 * 3600, 12 * 3600), 40),
        ((12 * 3600, 16 * 3600), 22),
        ((16 * 3600, 21 * 3600), 8),
    )
    dublin_morning: float = 0.85  # ours: share of Dublin flights that must leave before 11:30
    last_moved: int = 16 * 3600  # ours: where no daytime pick-up is in time, the hand-over moves to until then
    night_ground: float = 0.03  # ours, of those whose flight would else be moved; never with children

    # What is needed.
    wheelchair: float = 0.01
    doctor: float = 0.025
    paramedic: float = 0.005  # ours
    interpreter: float = 0.40
    lying: float = 0.002  # ours
    extra_escort: float = 0.06  # ours
    female_escort: float = 0.10  # ours, of units with women or girls
    separate: float = 0.02  # ours
    excluded: float = 0.01  # ours
    same_unit: float = 0.008  # ours: a second request of the same family, e.g. an adult son
    cells: float = 0.3  # ours, of pick-ups at prisons

    # Deadline classes and earlier rejections.
    dublin_deadline: Classes = ((_U, 18), (_S, 32), (_N, 50))  # ours
    detention_deadline: Classes = ((_U, 12), (_S, 23), (_N, 65))  # ours
    other_deadline: Classes = ((_U, 3), (_S, 9), (_N, 88))  # ours
    rejections: tuple[tuple[RejectionCode, float], ...] = (  # ours
        (RejectionCode.NO_VEHICLE, 36),
        (RejectionCode.NO_STAFF, 30),
        (RejectionCode.TIME_NOT_FEASIBLE, 16),
        (RejectionCode.NO_SUITABLE_VEHICLE, 12),
        (RejectionCode.OTHER, 6),
    )
    barred_after_rejection: float = 0.25  # ours: the first round's answer was final for that ZAB


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """Shares of a synthetic fleet (mix of kinds, crews and shifts are ours)."""

    kinds: Shares = (("van", 64), ("car", 16), ("prisoner_transporter", 8), ("wheelchair_van", 7), ("minibus", 5))
    crews_per_vehicle: float = 1.05
    third_officer: float = 0.30
    female_officer: float = 0.55
    interpreter: float = 0.9
    doctor: float = 0.08
    paramedic: float = 0.15
    earliest_start: int = 16200
    latest_start: int = 36000
    early: float = 1.8  # exponent on a uniform number: the higher, the earlier most shifts begin
    shift: int = 36000
    half_day: float = 0.04  # vehicles that are back in the workshop at 14:00
    committed: float = 0.5
    second_committed: float = 0.5
    reserve: int = 1800  # seconds that a planned ride allows itself: room for one more at the same door
    reserved: float = 0.6
    planned_flight: float = 0.5  # promises to people who leave from where, and when, somebody in the pool does
    tolerance: int = 600
    tolerant: float = 0.5
