"""The tables of the service's parameters, one dataclass each; every value knows its source and since when it holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Generic, Literal, TypeVar

from pydantic import ConfigDict, with_config

from optimizer.errors import InvalidValue

T = TypeVar("T")
STRICT = ConfigDict(extra="forbid", strict=True)
NEVER_LIFTED = frozenset({"court_order", "urgent_application", "announcement", "unaccompanied_minor", "transit"})
"""Whatever a set says: a court's order, a law's term, another body's consent is nobody's to lift."""


@with_config(STRICT)
@dataclass(frozen=True, slots=True, kw_only=True)
class Sourced(Generic[T]):
    """A value, its source, the kind of that (``law``, ``press``, ``assumption``), the first local day it holds on.

    The unit stands in the name of the parameter.
    """

    value: T
    kind: Literal["law", "press", "assumption"]
    source: str
    valid_from: date

    def __post_init__(self) -> None:
        if not self.source.strip():
            raise InvalidValue("source", "the law and paragraph, or where else the value comes from", self.source)


def _at_least(least: int, **named: Sourced[int]) -> None:
    for name, found in named.items():
        if found.value < least:
            raise InvalidValue(name.replace("__", "."), f"{least} or more", found.value)


@with_config(STRICT)
@dataclass(frozen=True, slots=True, kw_only=True)
class GateRules:
    """Legal and organisational preconditions of a measure (``[gates]``).

    Parameters
    ----------
    announcement_months
        Months from the announcement after which the pick-up may be (AufenthG § 60a (5a)); 1 or more.
    clearance_hours_before_pickup
        Hours before the pick-up from which a transit that is applied for and undecided blocks; 0 or more.
    may_be_lifted
        Codes of gates that two persons of the owner may lift; never those that a court or a law asks for.
    law
        What each gate rests on, by its code.
    """

    announcement_months: Sourced[int]
    clearance_hours_before_pickup: Sourced[int]
    may_be_lifted: Sourced[tuple[str, ...]]
    law: Sourced[Mapping[str, str]]

    def __post_init__(self) -> None:
        _at_least(1, gates__announcement_months=self.announcement_months)
        _at_least(0, gates__clearance_hours_before_pickup=self.clearance_hours_before_pickup)
        lifted = set(self.may_be_lifted.value)
        if never := sorted(NEVER_LIFTED & lifted):
            raise InvalidValue("gates.may_be_lifted", "no gate that a court or a law asks for", never)
        if unknown := sorted(lifted - self.law.value.keys()):
            raise InvalidValue("gates.may_be_lifted", f"codes of {sorted(self.law.value)}", unknown)


@with_config(STRICT)
@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Times of what is applied for at another body (``[transit]``, ``[medical]``); days are of 24 h.

    Parameters
    ----------
    apply_days_before
        Before the flight (or the hand-over), at the latest.
    decide_days
        From the application to the answer.
    extension_days
        Further ones, once, where the deciding body needs them.
    """

    apply_days_before: Sourced[int]
    decide_days: Sourced[int]
    extension_days: Sourced[int]
    warn_hours_before_pickup: Sourced[int]
    red_hours_before_pickup: Sourced[int]

    def __post_init__(self) -> None:
        _at_least(
            0, apply_days_before=self.apply_days_before, decide_days=self.decide_days,
            extension_days=self.extension_days, warn_hours_before_pickup=self.warn_hours_before_pickup,
            red_hours_before_pickup=self.red_hours_before_pickup,
        )  # fmt: skip


@with_config(STRICT)
@dataclass(frozen=True, slots=True, kw_only=True)
class Regime:
    """A law that sets the deadline of a measure.

    Parameters
    ----------
    id
        Its code, as ``604/2013``.
    german, english
        What it is called.
    source
        Law and article.
    valid_from, valid_until
        First and last local day on which a deadline of it may fall; ``None``: no end is known.
    """

    id: str
    german: str
    english: str
    source: str
    valid_from: date
    valid_until: date | None = None

    def is_valid_on(self, day: date) -> bool:
        """Whether a deadline of this regime may fall on a local day."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


@with_config(STRICT)
@dataclass(frozen=True, slots=True, kw_only=True)
class Dublin:
    """Dublin transfers and Amtshilfe (decree of 26.02.2024, measure 4); days are local days.

    Parameters
    ----------
    routing
        Whether Dublin transfers from state facilities go first to the ZAB of the facility's Bezirk.
    form_earliest_days, form_latest_days
        The form goes out at most, and at least, so many days before the arrival.
    form_special_latest_days
        At least so many for special needs and for unaccompanied minors.
    form_special_reminder_days
        From so many days before the arrival on it is told to be due there.
    deadline_near_days
        A case with so few days left is warned of.
    amtshilfe_examine_days
        Days in which the ZAB of the Bezirk of assignment examines.
    regimes
        Laws that set deadlines.
    """

    routing: Sourced[bool]
    form_earliest_days: Sourced[int]
    form_latest_days: Sourced[int]
    form_special_latest_days: Sourced[int]
    form_special_reminder_days: Sourced[int]
    deadline_near_days: Sourced[int]
    amtshilfe_examine_days: Sourced[int]
    regimes: tuple[Regime, ...]

    def __post_init__(self) -> None:
        if not 0 <= self.form_latest_days.value <= self.form_earliest_days.value:
            raise InvalidValue(
                "dublin.form_latest_days", "0 or more, and no more than form_earliest_days", self.form_latest_days.value
            )
        if not 0 <= self.form_special_latest_days.value <= self.form_special_reminder_days.value:
            raise InvalidValue(
                "dublin.form_special_latest_days", "0 or more, and no more than form_special_reminder_days",
                self.form_special_latest_days.value,
            )  # fmt: skip
        _at_least(
            0, dublin__deadline_near_days=self.deadline_near_days,
            dublin__amtshilfe_examine_days=self.amtshilfe_examine_days,
        )  # fmt: skip
        ids = [regime.id for regime in self.regimes]
        if len(ids) != len(set(ids)) or not ids:
            raise InvalidValue("dublin.regimes", "one or more, each id once", ids)

    def regime(self, id: str) -> Regime | None:  # noqa: A002
        """Return the regime with this id."""
        return next((regime for regime in self.regimes if regime.id == id), None)


@with_config(STRICT)
@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """How far staged fields and figures are told (``[disclosure]``).

    Parameters
    ----------
    after_end_hours
        Hours after the end for which the ZAB that carried may still read the address.
    least_group
        Smallest number of cases that is told of a group, in statistics and in what leaves the authorities; 2 or more.
    """

    after_end_hours: Sourced[int]
    least_group: Sourced[int]

    def __post_init__(self) -> None:
        _at_least(0, disclosure__after_end_hours=self.after_end_hours)
        _at_least(2, disclosure__least_group=self.least_group)


@with_config(STRICT)
@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long things are kept (``[retention]``).

    Parameters
    ----------
    address_hours
        Hours after the end of a request for which its address is kept.
    request_days
        Days after the end of a request for which it is kept, with all that hangs on it.
    run_days
        Days after its begin for which the input, the answer and the progress of a run are kept; at most
        ``request_days``, so that a request never outlives itself in the input of a run.
    message_days
        Days for which messages to the outside are kept.
    file_days
        Days for which a file is kept that the nightly run took in or refused.
    log_years
        Whole calendar years for which a line of the log is kept after the end of its own.
    statistics_days
        Days after the end of a month from which on its figures are shown, and change no more.
    """

    address_hours: Sourced[int]
    request_days: Sourced[int]
    run_days: Sourced[int]
    message_days: Sourced[int]
    file_days: Sourced[int]
    log_years: Sourced[int]
    statistics_days: Sourced[int]

    def __post_init__(self) -> None:
        _at_least(
            0, retention__address_hours=self.address_hours, retention__request_days=self.request_days,
            retention__run_days=self.run_days, retention__message_days=self.message_days,
            retention__file_days=self.file_days, retention__log_years=self.log_years,
            retention__statistics_days=self.statistics_days,
        )  # fmt: skip
        if self.run_days.value > self.request_days.value:
            raise InvalidValue(
                "retention.run_days", f"at most {self.request_days.value}, the days of a request", self.run_days.value
            )


@with_config(STRICT)
@dataclass(frozen=True, slots=True, kw_only=True)
class Reports:
    """What reports show (``[reports]``).

    Parameters
    ----------
    closed_after_days
        Days after its end from which on a year's figures may leave the authorities.
    """

    closed_after_days: Sourced[int]

    def __post_init__(self) -> None:
        _at_least(0, reports__closed_after_days=self.closed_after_days)


@with_config(STRICT)
@dataclass(frozen=True, slots=True, kw_only=True)
class MasterData:
    """Shift patterns and calendars (``[master_data]``).

    Parameters
    ----------
    days_ahead
        Days for which the nightly run makes duties of shift patterns.
    longest_range_days
        Days that one call may ask for.
    furthest_days
        Days ahead of today up to which duties are made of shift patterns.
    """

    days_ahead: Sourced[int]
    longest_range_days: Sourced[int]
    furthest_days: Sourced[int]

    def __post_init__(self) -> None:
        _at_least(0, master_data__days_ahead=self.days_ahead)
        _at_least(
            1, master_data__longest_range_days=self.longest_range_days, master_data__furthest_days=self.furthest_days
        )
