"""The endpoints of ``/v1``, a module for each noun; thin: they read, ask a service, and show."""

from __future__ import annotations

from fastapi import APIRouter

from api.routes import (
    accounts,
    addresses,
    api_keys,
    approvals,
    assignments,
    audit,
    catalogue,
    clearances,
    commitments,
    decisions,
    duties,
    fleet,
    freed_seats,
    health,
    imports,
    ledger,
    notices,
    organisations,
    pool,
    proposals,
    request_steps,
    requests,
    runs,
    sign_in,
    webhooks,
)

ROUTERS: tuple[APIRouter, ...] = (
    sign_in.router,
    api_keys.router,
    organisations.router,
    accounts.router,
    requests.router,
    request_steps.router,
    clearances.router,
    addresses.router,
    imports.router,
    pool.router,
    approvals.router,
    proposals.router,
    decisions.router,
    assignments.router,
    freed_seats.router,
    fleet.router,
    duties.router,
    commitments.router,
    runs.router,
    runs.reports,
    ledger.router,
    notices.router,
    webhooks.router,
    catalogue.router,
    audit.router,
    health.router,
)
"""In the order of the OpenAPI page."""
