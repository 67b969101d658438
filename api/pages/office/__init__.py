"""What an office has to do besides the board: tasks, clearances, Amtshilfe, Dublin, contacts, imports, guidance."""

from __future__ import annotations

from fastapi import APIRouter

from api.pages.office import amtshilfe, clearances, contacts, dublin, guidance, imports, questions, tasks

ROUTERS: tuple[APIRouter, ...] = (
    tasks.router,
    clearances.router,
    amtshilfe.router,
    dublin.router,
    contacts.router,
    imports.router,
    guidance.router,
    questions.router,
)
