"""Runs of the solver, and the morning list of what the night changed."""

from __future__ import annotations

from fastapi import APIRouter

from api.pages.planning import morning, runs

ROUTERS: tuple[APIRouter, ...] = (runs.router, morning.router)
