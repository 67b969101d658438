"""What auditors, admins and other systems need: log, deletions, rulebook, accounts, keys, webhooks."""

from __future__ import annotations

from fastapi import APIRouter

from api.pages.oversight import accounts, audit, keys, organisations, parameters, webhooks

ROUTERS: tuple[APIRouter, ...] = (
    audit.router,
    parameters.router,
    # Before the accounts, whose addresses take anything for an id.
    organisations.router,
    accounts.router,
    keys.router,
    webhooks.router,
)
