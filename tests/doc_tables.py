"""The tables of the documents that are made from the application, so that they cannot go stale.

``python -m tests.doc_tables`` (from the root of the repository) writes them anew between their marks;
``tests/test_docs.py`` compares them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel
from sqlalchemy import create_engine
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from api.actor import Actor
from api.app import build
from api.db.tables import Base, Decision, DutyRow, Organisation, Proposal, Standing, TransportRequest
from api.db.tables_people import ROLES_OF
from api.repositories import requests as repository
from api.schemas.pool import PoolEntry
from api.schemas.request_views import RequestFull
from api.schemas.requests import RequestContent
from api.web.authentication import EVERYBODY
from api.workflow import CLASS_OF, OFFERED, PROMISED, REASONS, TABLE, Action, DeclineCode, Role, State
from optimizer.answer import Granter, Kind, Verdict
from optimizer.explain.messages import MESSAGES
from optimizer.explain.messages_precise import PRECISE
from optimizer.explain.rule_names import RULE_NAMES
from optimizer.why.measures import OF_ANYBODY
from optimizer.why.texts import VERDICTS
from optimizer.why.texts_choice import CAUSES
from optimizer.why.texts_relaxed import RELAXED
from tests.api.db import rows
from tests.api.test_authorization import endpoints

DOCS = Path(__file__).parents[1] / "docs"
ROLES = tuple(role for role in Role if role in EVERYBODY)
NO = "–"


def table(heads: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    """Return a table of Markdown."""
    lines = [f"| {' | '.join(heads)} |", "|" + "---|" * len(heads)]
    return "\n".join([*lines, *(f"| {' | '.join(_cell(each) for each in row)} |" for row in body)])


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _codes(values: Collection[StrEnum]) -> str:
    return ", ".join(f"`{value.value}`" for value in values) or NO


# --- who may call -----------------------------------------------------------------------------------------------------


def endpoint_table() -> str:
    """Return each endpoint with the roles that may call it."""
    body = []
    for method, path, may in endpoints(build()):
        marks = ["anybody"] * len(ROLES) if may is None else ["yes" if role in may else NO for role in ROLES]
        body.append([f"`{method} {path}`", *marks])
    return table(["endpoint", *(f"`{role.value}`" for role in ROLES)], body)


def organisation_table() -> str:
    """Return the roles that people of each kind of organisation may have."""
    return table(["kind of organisation", "roles"], ([f"`{kind.value}`", _codes(sorted(may))]
                                                     for kind, may in ROLES_OF.items()))  # fmt: skip


# --- who may do what in which state -----------------------------------------------------------------------------------


def workflow_table() -> str:
    """Return every cell of the workflow."""
    cells = sorted(TABLE.items(), key=lambda each: (list(State).index(each[0][0]), list(Action).index(each[0][1])))
    return table(
        ["state", "action", "leads to", "who may", "reason", "second person"],
        (
            [
                f"`{state.value}`", f"`{action.value}`", f"`{cell.to.value}`",
                _codes([role for role in Role if role in cell.who]), "yes" if cell.needs_reason else NO,
                "yes" if cell.needs_second else NO,
            ]
            for (state, action), cell in cells
        ),
    )  # fmt: skip


def reason_table() -> str:
    """Return the codes that the reason of each action may have."""
    return table(["action", "codes"], ([f"`{action.value}`", _codes(list(REASONS[action]))]
                                       for action in Action if action in REASONS))  # fmt: skip


def decline_table() -> str:
    """Return the class of each code of a decline."""
    return table(["code", "class"], ([f"`{code.value}`", f"`{CLASS_OF[code].value}`"] for code in DeclineCode))


# --- who sees a request -----------------------------------------------------------------------------------------------

COARSE, WHOLE = "coarse", "whole"
PARTIES: Mapping[str, tuple[str, Role]] = {
    "owner": ("abh:05113000", Role.ABH),
    "another ABH": ("abh:05315000", Role.ABH),
    "ZAB concerned": ("zab:essen", Role.ZAB_DISPATCHER),
    "another ZAB": ("zab:koeln", Role.ZAB_DISPATCHER),
    "LTraKo": ("ltrako", Role.LTRAKO),
    "ZFA": ("zfa", Role.ZFA),
    "ZRK": ("zrk", Role.ZRK),
    "auditor": ("audit", Role.AUDITOR),
    "admin": ("operation", Role.ADMIN),
}
"""Who looks at the request. The ZAB concerned was asked in the first round, or has or had a proposal for it."""
_STANDING = {
    State.EXPIRED: Standing.EXPIRED, State.DECLINED: Standing.DECLINED, State.HANDED_OVER: Standing.DONE,
    State.FAILED: Standing.DONE, State.CANCELLED: Standing.WITHDRAWN, State.STOPPED: Standing.WITHDRAWN,
    State.RETURNED: Standing.EXPIRED,
}  # fmt: skip
_KEPT_BY_OWNER = frozenset({State.DRAFT})
_FIRST_ROUND = frozenset({State.ASKED, State.REJECTED})
_DRIVEN = PROMISED | {State.HANDED_OVER, State.FAILED}


@dataclass(frozen=True, slots=True)
class _World:
    """A database in memory with one request in each state."""

    organisations: Mapping[str, Organisation]
    requests: Mapping[State, TransportRequest]


def visibility_table() -> str:
    """Return how each party sees a request in each state: asked of the queries of the service themselves."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        world = _world(session)
        body = [
            [f"`{state.value}`", *(_seen(session, world, party, request) for party in PARTIES)]
            for state, request in world.requests.items()
        ]
    engine.dispose()
    return table(["state", *PARTIES], body)


def _seen(session: Session, world: _World, party: str, request: TransportRequest) -> str:
    code, role = PARTIES[party]
    actor = Actor(role=role, organisation_id=world.organisations[code].id)
    if repository.find(session, actor, request.id) is None:
        return NO
    return WHOLE if repository.is_full(session, actor, request) else COARSE


def _world(session: Session) -> _World:
    kinds = {"audit": "audit", "operation": "operation"}
    organisations = {
        code: rows.organisation(code, **({"kind": kinds[code]} if code in kinds else {}))
        for code in dict(PARTIES.values())
    }
    session.add_all(organisations.values())
    essen = organisations["zab:essen"]
    made: dict[State, TransportRequest] = {}
    for number, state in enumerate(State):
        duty = rows.duty(rows.crew(essen, f"C{number}"), rows.vehicle(essen, f"V{number}"), f"D{number}")
        request = rows.transport_request(organisations["abh:05113000"], f"A-{number}", state=state)
        session.add_all([duty, request])
        session.flush()
        _history(session, request, duty, essen)
        made[state] = request
    session.flush()
    return _World(organisations=organisations, requests=made)


def _history(session: Session, request: TransportRequest, duty: DutyRow, zab: Organisation) -> None:
    """Give a request what it had on its way: asked in the first round, pooled, proposed, promised."""
    state = request.state
    if state in _KEPT_BY_OWNER:
        return
    if state in _FIRST_ROUND:
        request.asked_zab_id = zab.id
        return
    steps = [(Action.POOL, State.POOLED)]
    if state is not State.POOLED:
        proposal: Proposal = rows.proposal(request, duty, standing=_STANDING.get(state, Standing.LIVE))
        session.add(proposal)
        steps.append((Action.PROPOSE, State.PROPOSED))
    if state in _DRIVEN:
        steps.append((Action.CONFIRM, State.CONFIRMED))
    assert (_STANDING.get(state, Standing.LIVE) is Standing.LIVE) == (state in OFFERED | {State.POOLED})
    for action, after in steps:
        session.add(
            Decision(
                created_at=rows.NOW, request_id=request.id, zab_id=zab.id, action=action, before=State.POOLED,
                after=after, role=Role.SYSTEM,
            )
        )  # fmt: skip
        session.flush()


# --- what there is to see ---------------------------------------------------------------------------------------------


def coarse_table() -> str:
    """Return the fields of the coarse form."""
    return _fields({"": PoolEntry})


def whole_table() -> str:
    """Return the fields that only the whole form has. ``people`` is a number in coarse form, bands here."""
    shown = set(PoolEntry.model_fields) - {"people"}
    return _fields({"": RequestFull, "content.": RequestContent}, but=shown | {"content"})


def _fields(models: Mapping[str, type[BaseModel]], but: Collection[str] = ()) -> str:
    body = [
        [f"`{prefix}{name}`", field.description or NO]
        for prefix, model in models.items()
        for name, field in model.model_fields.items()
        if name not in but
    ]
    return table(["field", "meaning"], body)


# --- what is stored ---------------------------------------------------------------------------------------------------


def column_table() -> str:
    """Return every table of the database with its columns."""
    known = sorted(Base.metadata.tables.items())
    return table(["table", "columns"], ([f"`{name}`", ", ".join(f"`{column.name}`" for column in each.columns)]
                                        for name, each in known))  # fmt: skip


# --- what explanations say --------------------------------------------------------------------------------------------


def _said(text: Mapping[str, str]) -> str:
    """Return a text in both languages; what is filled in is shown by its name, and of words by number that for many."""
    return re.sub(r"{\w+:[^|}]*\|([^}]*)}", r"\1", f"{text['de']}<br>{text['en']}")


def verdict_table() -> str:
    """Return every verdict on a pair, with what is said; where a rule is the reason, its own text is."""
    body = []
    for verdict in Verdict:
        said = VERDICTS.get(verdict)
        texts = ("the text of the rule", NO) if said is None else (_said(said.texts), _said(said.actions))
        body.append([f"`{verdict.value}`", *texts])
    return table(["verdict", "what is said", "what could be done"], body)


def rule_text_table() -> str:
    """Return what is said where a rule is the reason."""
    body = ([f"`{rule.value}`", _said(dict(zip(("de", "en"), RULE_NAMES[rule], strict=True))),
             _said(said.texts), _said(said.actions)] for rule, said in MESSAGES.items())  # fmt: skip
    return table(["code", "short", "what is said", "what could be done"], body)


def precise_table() -> str:
    """Return what is said instead where numbers or names are known."""
    body = ([f"`{code.value}`", _said(said.texts), _said(said.actions)] for code, said in PRECISE.items())
    return table(["code", "what is said", "what could be done"], body)


def relaxation_table() -> str:
    """Return every kind of relaxation, with who may grant it and what its size counts."""
    known: dict[Kind, tuple[str, str]] = {Kind.RULE: (Granter.NOBODY.value, NO)}
    known |= {m.kind: (m.granter.value, m.unit.value) for m in OF_ANYBODY}
    body = ([f"`{kind.value}`", *(f"`{each}`" for each in known[kind]), _said(said.texts), _said(said.actions)]
            for kind, said in RELAXED.items())  # fmt: skip
    return table(["kind", "who may grant it", "size in", "what is said", "what could be done"], body)


def cause_table() -> str:
    """Return every cause of a change against the plan before."""
    return table(
        ["cause", "what is said"], ([f"`{cause.value}`", f"{de}<br>{en}"] for cause, (de, en) in CAUSES.items())
    )


# --- in the documents -------------------------------------------------------------------------------------------------

TABLES: Mapping[str, tuple[str, Callable[[], str]]] = {
    "organisations": ("roles-and-disclosure.md", organisation_table),
    "visibility": ("roles-and-disclosure.md", visibility_table),
    "coarse": ("roles-and-disclosure.md", coarse_table),
    "whole": ("roles-and-disclosure.md", whole_table),
    "endpoints": ("roles-and-disclosure.md", endpoint_table),
    "workflow": ("roles-and-disclosure.md", workflow_table),
    "reasons": ("roles-and-disclosure.md", reason_table),
    "declines": ("roles-and-disclosure.md", decline_table),
    "columns": ("record-of-processing.md", column_table),
    "verdicts": ("explanations.md", verdict_table),
    "rules": ("explanations.md", rule_text_table),
    "precise": ("explanations.md", precise_table),
    "relaxations": ("explanations.md", relaxation_table),
    "causes": ("explanations.md", cause_table),
}
"""By name of the mark: the document, and what makes the table."""


def _mark(name: str) -> re.Pattern[str]:
    return re.compile(rf"(<!-- made: {name} -->\n\n)(.*?)(\n\n<!-- end: {name} -->)", flags=re.DOTALL)


def told(name: str) -> str:
    """Return a table as its document has it now."""
    page = (DOCS / TABLES[name][0]).read_text(encoding="utf-8")
    found = _mark(name).findall(page)
    if len(found) != 1:
        raise ValueError(f"Expected the mark {name!r} once in {TABLES[name][0]}, got it {len(found)} times.")
    text: str = found[0][1]
    return text


def write() -> list[str]:
    """Write all tables into their documents; return the names of those that changed."""
    changed = []
    for name, (file, make) in TABLES.items():
        before, after = told(name), make()
        if before != after:
            path = DOCS / file
            page = path.read_text(encoding="utf-8")
            begin = _mark(name).search(page)
            assert begin is not None
            path.write_text(page[: begin.start(2)] + after + page[begin.end(2) :], encoding="utf-8")
            changed.append(name)
    return changed


if __name__ == "__main__":
    print("changed:", ", ".join(write()) or "nothing")
