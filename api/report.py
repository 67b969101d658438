"""A plan on the terminal, as a dispatcher reads it: proposals, unserved requests with reasons, figures, proof."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from api.fault_texts import in_german
from api.words import Language, problem_title, word
from optimizer.errors import InputProblem
from optimizer.explain.messages import MESSAGES
from optimizer.io.plan_tables import PlannedTour, PlanTables, Ride, UnservedReason, ZabLoad
from optimizer.model import CostTerms, Rule, Stage
from optimizer.result import Result, StageResult, Status
from optimizer.verify.violation import Violation

PIPE_WIDTH = 150
"""Columns where the output is no terminal and nobody said otherwise: tables that are cut are of no use in a file."""
MAX_NOTICES = 20
_PER_MINUTE, _PER_EURO = 60, 1_000_000
_STAGE_UNIT = {Stage.CUSTODY: _PER_MINUTE, Stage.NIGHT: _PER_MINUTE, Stage.COST: _PER_EURO}


def console_for(*, stderr: bool = False) -> Console:
    """Return a console that is wide enough for the tables, also in a pipe."""
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() or "COLUMNS" in os.environ else PIPE_WIDTH
    return Console(file=stream, width=width, highlight=False, emoji=False)


class Report:
    """Prints one plan in one language."""

    def __init__(self, console: Console, language: Language) -> None:
        self._console = console
        self._language = language

    def _(self, key: str, **figures: object) -> str:
        return word(key, self._language, **figures)

    def _table(self, heading: str, *columns: str, right: Sequence[str] = ()) -> Table:
        table = Table(box=SIMPLE_HEAD, title=heading, title_justify="left", title_style="bold", pad_edge=False)
        for column in columns:
            table.add_column(column, justify="right" if column in right else "left", overflow="fold")
        return table

    def print(self, tables: PlanTables, result: Result, warnings: Sequence[Violation] = ()) -> None:
        """Print everything: what to decide first, the proof last; ``warnings`` are what the checker only tells."""
        self._headline(tables, result)
        self._proposals(tables.proposals)
        self._planned(tables.planned)
        self._warnings(warnings)
        self._unserved(tables.unserved)
        if result.objective is not None:
            self._figures(result.objective)
        self._loads(tables.zabs)
        self._proof(result)

    def _headline(self, tables: PlanTables, result: Result) -> None:
        proposed = len(tables.proposals)
        unserved = len({entry.request for entry in tables.unserved})
        text = self._("headline", requests=proposed + unserved, proposed=proposed, unserved=unserved)
        proof = self._(result.status.value)
        if result.status is Status.FEASIBLE:
            proven = sum(stage.proven for stage in result.stages)
            proof += f" ({self._('stages_proven', proven=proven, stages=len(result.stages))})"
        self._console.print(Text(f"{text} · {proof}", style="bold"))
        if not result.complete:
            self._console.print(Text(self._("incomplete")))
        self._console.print(Text(self._("human"), style="dim"))

    def _warnings(self, warnings: Sequence[Violation]) -> None:
        """Print the rules that a plan may break but somebody should know of, with the duties they are about."""
        if not warnings:
            return
        table = self._table(self._("warnings"), self._("duty"), self._("reason"), self._("action"))
        duties: dict[Rule, list[str]] = {}
        for warning in warnings:
            known = duties.setdefault(warning.rule, [])
            if warning.duty is not None and warning.duty not in known:
                known.append(warning.duty)
        for rule, concerned in duties.items():
            told = MESSAGES[rule]
            table.add_row(", ".join(concerned), told.texts[self._language.value], told.actions[self._language.value])
        self._console.print(table)

    def _proposals(self, rides: Sequence[Ride]) -> None:
        if not rides:
            self._console.print(Text(f"\n{self._('no_proposals')}"))
            return
        is_one_day = len({ride.pickup_time[:10] for ride in rides} | {ride.handover_time[:10] for ride in rides}) == 1
        names = ["tour", "request", "people", "pickup", "handover", "on_board", "shares_with"]
        for zab, of_zab in groupby(rides, key=lambda ride: ride.zab):
            heading = f"{self._('proposals')} · {zab}"
            table = self._table(heading, *map(self._, names), right=[self._("people")])
            for _, of_tour in groupby(of_zab, key=lambda ride: ride.duty):
                table.add_section()
                tour = list(of_tour)
                kind = self._("planned_tour" if tour[0].planned_tour == "yes" else "new_tour")
                lead = [f"{tour[0].vehicle} · {tour[0].duty}", kind]
                for ride in tour + [None] * (len(tour) == 1):
                    first = Text(lead.pop(0) if lead else "", style="bold" if len(lead) == 1 else "")
                    table.add_row(first, *(self._cells(ride, is_one_day) if ride is not None else ()))
            self._console.print()
            self._console.print(table)

    def _cells(self, ride: Ride, is_one_day: bool) -> tuple[Text, ...]:
        return (
            Text(ride.request),
            Text(str(ride.people)),
            Text(f"{_clock(ride.pickup_time, is_one_day)} {ride.pickup_place}"),
            Text(f"{_clock(ride.handover_time, is_one_day)} {ride.handover_place}"),
            Text(self._ride(ride)),
            Text(ride.shares_with or "–"),
        )

    def _ride(self, ride: Ride) -> str:
        if ride.minutes_limit is None:
            return self._("ride_no_limit", direct=ride.minutes_direct, planned=ride.minutes_on_board)
        return self._("ride", direct=ride.minutes_direct, planned=ride.minutes_on_board, limit=ride.minutes_limit)

    def _planned(self, tours: Sequence[PlannedTour]) -> None:
        if not tours:
            return
        names = ["zab", "vehicle", "duty", "promised", "new", "seats", "used_before", "used_after"]
        table = self._table(self._("planned"), *map(self._, names), right=[self._(name) for name in names[3:]])
        for tour in tours:
            table.add_row(
                Text(tour.zab),
                Text(tour.vehicle),
                Text(tour.duty),
                *(str(n) for n in (tour.promised, tour.new, tour.seats, tour.used_before, tour.used_after)),
            )
        self._console.print(table)

    def _unserved(self, reasons: Sequence[UnservedReason]) -> None:
        if not reasons:
            return
        table = self._table(self._("unserved"), *map(self._, ("request", "zab", "reason", "action")))
        for key, entries in groupby(reasons, key=lambda entry: entry.request):
            table.add_section()
            listed = list(entries)
            lead = f"{key}\n{listed[0].pickup_place} → {listed[0].handover_place}"
            for zabs, reason, action in self._alike(listed):
                table.add_row(Text(lead), Text(zabs), Text(reason), Text(action))
                lead = ""
        self._console.print(table)

    def _alike(self, entries: Sequence[UnservedReason]) -> Iterable[tuple[str, str, str]]:
        """Join the ZABs that say the same, so that five lines become one where one says it all."""
        zabs: dict[tuple[str, str], list[str]] = {}
        for entry in entries:
            zabs.setdefault((entry.reason or self._("no_reason"), entry.action), []).append(entry.zab)
        for (reason, action), named in zabs.items():
            everyone = len(zabs) == 1 and len(named) > 1
            yield (self._("all_zabs") if everyone else ", ".join(named)), reason, action

    def _figures(self, terms: CostTerms) -> None:
        table = Table(box=None, title=self._("figures"), title_justify="left", title_style="bold", show_header=False)
        table.add_column()
        table.add_column(justify="right")
        for key, text in (
            ("custody", f"{round(terms.custody / _PER_MINUTE):,} min"),
            ("night", f"{round(terms.night / _PER_MINUTE):,} min"),
            ("distance", f"{round(terms.metres / 1000):,} km"),
            ("crew_hours", f"{terms.crew_seconds / 3600:,.1f} h"),
            ("cost", f"{terms.cost / _PER_EURO:,.2f} EUR"),
            ("co2", f"{round(terms.co2_grams / 1000):,} kg"),
        ):
            table.add_row(self._(key), self._number(text))
        self._console.print(table)
        self._console.print()

    def _loads(self, loads: Sequence[ZabLoad]) -> None:
        names = ["zab", "shifts", "prior_load", "new_requests", "tours", "km", "hours"]
        table = self._table(self._("zabs"), *map(self._, names), right=[self._(name) for name in names[1:]])
        for load in loads:
            figures = (load.shifts, load.prior_load, load.new_requests, load.tours, f"{load.km:,}", f"{load.hours:.1f}")
            table.add_row(Text(load.zab), *(self._number(str(figure)) for figure in figures))
        self._console.print(table)

    def _proof(self, result: Result) -> None:
        names = ["stage", "value", "bound", "gap", "proven"]
        table = self._table(self._("proof"), *map(self._, names), right=[self._(name) for name in names[1:4]])
        for stage in result.stages:
            told = self._("proven") if stage.proven else self._("open")
            table.add_row(
                self._(f"stage_{stage.name.value}"), *self._stage(stage), self._number(_percent(stage.gap)), told
            )
        self._console.print(table)

    def _stage(self, stage: StageResult) -> tuple[str, str]:
        unit = _STAGE_UNIT.get(stage.name, 1)
        if unit == 1:
            return self._number(f"{stage.value:,}"), self._number(f"{stage.bound:,}")
        return self._number(f"{stage.value / unit:,.2f}"), self._number(f"{stage.bound / unit:,.2f}")

    def _number(self, text: str) -> str:
        """Return a number with the separators of the language."""
        return text.translate(str.maketrans(",.", ".,")) if self._language is Language.DE else text


def _percent(gap: float) -> str:
    if gap == 0:
        return "0 %"
    return f"{100 * gap:.2f} %" if gap >= 0.0001 else "< 0.01 %"


def _clock(text: str, is_one_day: bool) -> str:
    moment = datetime.fromisoformat(text)
    return f"{moment:%H:%M}" if is_one_day else f"{moment:%d.%m. %H:%M}"


def print_problems(console: Console, problems: Sequence[InputProblem], language: Language) -> None:
    """Print every problem of refused input, one line each."""
    further = sum(problem.code == "more_problems" for problem in problems)
    listed = len(problems) - further
    count = f"{listed:,}+" if further else str(listed)
    console.print(Text(word("rejected", language, count=count), style="bold"))
    for problem in problems:
        console.print(Text(problem_line(problem, language)), soft_wrap=True)


def print_notices(console: Console, notices: Sequence[InputProblem], language: Language) -> None:
    """Print what is odd about input that was taken."""
    if not notices:
        return
    console.print(Text(word("notices", language, count=len(notices))))
    for notice in notices[:MAX_NOTICES]:
        console.print(Text(problem_line(notice, language)), soft_wrap=True)
    if len(notices) > MAX_NOTICES:
        console.print(Text(word("more", language, count=len(notices) - MAX_NOTICES)))


_GOT = {
    "nothing": "nichts", "nothing there": "nichts", "none": "nichts", "both": "beides",
    "another value": "eine andere Angabe", "an empty file": "eine leere Datei",
}  # fmt: skip
"""What is found where no cell is quoted."""


def problem_line(problem: InputProblem, language: Language) -> str:
    """Return a problem as one line: where, what, expected, got, what to do.

    In English where nobody translated what was expected: one language in a line.
    """
    expected, action = in_german(problem.expected), in_german(problem.action) if problem.action else ""
    if language is Language.EN or expected is None or action is None:
        return str(problem)
    place = problem.file
    if problem.row:
        place += f", {word('row', language)} {problem.row}"
    if problem.column:
        place += f", {word('column', language)} '{problem.column}'"
    title = problem_title(problem.code, language)
    got = _GOT.get(problem.got, problem.got)
    return f"{place}: {title} [{problem.code}]. Erwartet: {expected}; gefunden: {got}. {action}".rstrip()
