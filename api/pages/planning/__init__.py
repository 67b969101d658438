"""Runs of the solver, and the morning list of what the night changed."""

from __future__ import annotations

from fastapi import APIRouter

from api.pages.planning import figures, morning, runs

ROUTERS: tuple[APIRouter, ...] = (runs.router, figures.router, morning.router)
