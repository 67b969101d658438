"""What a ZAB drives with: its calendar, vehicles, crews, duties, absences and shift patterns."""

from __future__ import annotations

from fastapi import APIRouter

from api.pages.fleet import absences, calendar, crews, duties, duty_import, patterns, vehicles, working_times

ROUTERS: tuple[APIRouter, ...] = (
    calendar.router,
    vehicles.router,
    crews.router,
    duty_import.router,
    duties.router,
    working_times.router,
    absences.router,
    patterns.router,
)
