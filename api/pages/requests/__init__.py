"""Requests on pages: list, entry, one request with all that may be done to it, placing by hand, the second person."""

from __future__ import annotations

from api.pages.requests import approvals, entry, lists, page, placing, why

ROUTERS = (lists.router, entry.router, page.router, placing.router, why.router, approvals.router)
"""``/requests/new`` before ``/requests/{request_id}``."""
