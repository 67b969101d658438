"""What if: scenarios made by a form, simulations of them, watched, and compared in tables, drawings, time line, map."""

from __future__ import annotations

from fastapi import APIRouter

from api.pages.what_if import back_tests, lists, scenarios, simulations, trying

ROUTERS: tuple[APIRouter, ...] = (
    lists.router, scenarios.router, simulations.router, back_tests.router, trying.router,
)  # fmt: skip
