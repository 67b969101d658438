"""Reports: the ledger between the ZABs by month, and the reports of a year as tables, bars and files."""

from __future__ import annotations

from fastapi import APIRouter

from api.pages.reports import ledger, years

ROUTERS: tuple[APIRouter, ...] = (ledger.router, years.router)
