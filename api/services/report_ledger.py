"""The ledger between the ZABs by year or month, as tables; its entries outlive the requests they came from."""

from __future__ import annotations

from sqlalchemy.orm import Session

from api.repositories import ledger as entries
from api.repositories import reports as rows
from api.repositories.ledger import Figures
from api.services.ledger import ACCEPTED, BACKED_OUT, DONE
from api.services.report_tables import ALL, Table
from api.services.reports import Edition, Period, Report
from api.workflow import DeclineClass

_DECLINED = tuple(f"declined_{kind}" for kind in DeclineClass)
_COLUMNS = (ACCEPTED, *_DECLINED, BACKED_OUT, DONE, "done_km", "done_crew_hours", "custody_minutes")


def ledger(session: Session, period: Period) -> Report:
    """Return what each ZAB took, declined, gave back and drove; of use to the ZABs alone, so in full."""
    found = rows.ledger(session, period.span)
    zabs = tuple(zab.code for zab in entries.zabs(session))

    def of(kind: str, zab: str, month: str) -> Figures:
        """Figures of a kind, a ZAB or all, a month or all."""
        chosen = [
            figures
            for (at, owner, what), figures in found.items()
            if what == kind and zab in (owner, ALL) and month in (at, ALL)
        ]
        return Figures(
            requests=sum(each.requests for each in chosen), metres=sum(each.metres for each in chosen),
            crew_seconds=sum(each.crew_seconds for each in chosen),
            custody_seconds=sum(each.custody_seconds for each in chosen),
        )  # fmt: skip

    def cell(zab: str, column: str) -> float | int:
        done = of(DONE, zab, ALL)
        match column:
            case "done_km":
                return round(done.metres / 1000, 1)
            case "done_crew_hours":
                return round(done.crew_seconds / 3600, 2)
            case "custody_minutes":
                return round(done.custody_seconds / 60)
            case _:
                return of(column, zab, ALL).requests

    owners, months = (*zabs, ALL), (*period.months, ALL)
    tables = [
        Table(
            name="zabs", rows=owners, columns=_COLUMNS,
            cells={(zab, column): cell(zab, column) for zab in owners for column in _COLUMNS},
        )
    ]  # fmt: skip
    for name, kind in (("accepted_by_month", ACCEPTED), ("done_by_month", DONE)):
        cells = {(zab, month): of(kind, zab, month).requests for zab in owners for month in months}
        tables.append(Table(name=name, rows=owners, columns=months, cells=cells))
    minutes = {(zab, month): round(of(DONE, zab, month).custody_seconds / 60) for zab in owners for month in months}
    tables.append(Table(name="custody_by_month", rows=owners, columns=months, cells=minutes))
    return Report(name="ledger", period=period, edition=Edition.INSIDE, least=None, tables=tuple(tables))
