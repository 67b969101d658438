"""Proposals on pages: the list, one proposal with every answer to it, and freed seats with what fits them."""

from __future__ import annotations

from api.pages.proposals import freed, lists, page

ROUTERS = (lists.router, page.router, freed.router)
