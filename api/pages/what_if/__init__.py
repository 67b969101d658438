"""What if: scenarios made by a form, simulations of them, watched, and compared in tables, drawings, time line, map."""

from __future__ import annotations

from fastapi import APIRouter

from api.pages.what_if import lists, scenarios, simulations, trying

ROUTERS: tuple[APIRouter, ...] = (lists.router, scenarios.router, simulations.router, trying.router)
