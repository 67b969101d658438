"""The dispatcher's board: the pool, the time line of vehicles and the map beside each other, and live."""

from __future__ import annotations

from fastapi import APIRouter

from api.pages.board import live, saved, show

ROUTERS: tuple[APIRouter, ...] = (show.router, live.router, saved.router)
