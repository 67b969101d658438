"""What a ZAB drives with: its calendar, vehicles, crews, duties, absences and shift patterns."""

from __future__ import annotations

from fastapi import APIRouter

from api.pages.fleet import absences, calendar, crews, duties, patterns, vehicles

ROUTERS: tuple[APIRouter, ...] = (
    calendar.router,
    vehicles.router,
    crews.router,
    duties.router,
    absences.router,
    patterns.router,
)
