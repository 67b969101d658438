"""Every endpoint with every role: who may not gets 403, who may not see it 404, who does not say who it is 401."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from api.pages.view import seen_by_caller
from api.web.authentication import EVERYBODY, any_signed_in, roles_of, signed_in
from api.workflow import Role
from tests.api.house import Caller, House, request_body

OPEN = {
    ("GET", "/v1/health/live"),
    ("GET", "/v1/health/ready"),
    ("POST", "/v1/sign-in"),
    ("GET", "/v1/sign-in/provider"),
    ("GET", "/v1/sign-in/provider/callback"),
    ("GET", "/v1/docs"),
    ("GET", "/v1/openapi.json"),
}
"""What nobody needs to sign in for."""
ANY_DATABASE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
"""Roles are looked at before any row: one database tells it all."""
Endpoint = tuple[str, str, frozenset[Role] | None]


def endpoints(app: FastAPI, *, is_page: bool = False) -> Iterator[Endpoint]:
    """Yield method, path and the roles that may, of the API or of the pages; ``None``: nobody is asked who calls."""
    for context in iter_route_contexts(app.routes):
        route = context.route
        if isinstance(route, APIRoute) and str(context.path_format).startswith("/v1/") is not is_page:
            for method in sorted(route.methods or ()):
                yield method, str(context.path_format), _roles(route.dependant)


def _roles(dependant: Dependant) -> frozenset[Role] | None:
    found = None
    for each in dependant.dependencies:
        known = roles_of(each.call) if each.call is not None else None
        if known is None:
            known = EVERYBODY if each.call in (signed_in, any_signed_in, seen_by_caller) else _roles(each)
        if known is not None:
            found = known if found is None else found & known
    return found


def _path(template: str, **known: str) -> str:
    """A path with ids that nothing has, but for those that are known."""
    return re.sub(r"\{(\w+)\}", lambda m: known.get(m.group(1), str(uuid.uuid4())), template).removeprefix("/v1")


def _is_stream(template: str) -> bool:
    return template.endswith("/events")


@ANY_DATABASE
def test_each_endpoint_says_who_may(house: House) -> None:
    found = list(endpoints(house.client.app))  # type: ignore[arg-type]
    assert len(found) > 60
    assert {(method, path) for method, path, roles in found if roles is None} == OPEN
    assert all(roles for _, _, roles in found if roles is not None)


@ANY_DATABASE
def test_who_may_not_is_refused_and_who_may_is_let_in(house: House) -> None:
    wrong = []
    for method, template, roles in endpoints(house.client.app):  # type: ignore[arg-type]
        if roles is None or (method, template) == ("POST", "/v1/sign-out"):
            continue
        for name, caller in house.people.items():
            answer = caller.call(method, _path(template))
            is_let_in = answer.status_code not in (401, 403)
            if answer.status_code >= 500 or is_let_in != (caller.role in roles):
                wrong.append((method, template, name, answer.status_code, answer.text[:200]))
    assert wrong == []


@ANY_DATABASE
def test_nobody_gets_in_without_saying_who(house: House) -> None:
    wrong = []
    for method, template, roles in endpoints(house.client.app):  # type: ignore[arg-type]
        if roles is None:
            continue
        for headers in (
            {},
            {"Authorization": "Bearer nonsense"},
            {"Authorization": "ApiKey rp_0123456789ab_nonsense"},
            {"Cookie": "restplatz_session=nonsense", "Sec-Fetch-Site": "same-origin"},
        ):
            answer = house.client.request(method, f"/v1{_path(template)}", headers=headers)
            if answer.status_code != 401 or answer.headers["Content-Type"] != "application/problem+json":
                wrong.append((method, template, headers, answer.status_code))
    assert wrong == []


def test_what_is_not_yours_is_not_there(house: House) -> None:
    house.duty("zab:essen")
    draft = house["abh"].call("POST", "/requests", dict(request_body(1)) | {"enter_as": "draft"}).json()["id"]
    offered = house.pooled(2)
    assert house.match() == 1
    offer = house.offer_of(offered)
    assert offer is not None
    # A draft is its owner's alone; an offer is the owner's and the ZAB's that is asked.
    strangers = {
        "request_id": [(draft, {"abh-other", "essen", "essen-lead", "koeln", "koeln-lead", "ltrako", "zfa", "zrk"}),
                       (offered, {"abh-other"})],
        "proposal_id": [(offer["id"], {"abh-other", "koeln", "koeln-lead"})],
    }  # fmt: skip
    before = house["abh"].get(f"/requests/{draft}"), house["abh"].get(f"/requests/{offered}")
    wrong, tried = [], 0
    for method, template, roles in endpoints(house.client.app):  # type: ignore[arg-type]
        for name, cases in strangers.items():
            for key, people in cases if f"{{{name}}}" in template else []:
                for who in sorted(people):
                    caller = house[who]
                    if roles is None or caller.role not in roles:
                        continue
                    tried += 1
                    answer = _complete(caller, method, _path(template, **{name: key}))
                    if answer.status_code not in (404, 422):
                        wrong.append((method, template, who, answer.status_code, answer.text[:200]))
    assert wrong == []
    assert tried > 60
    assert (house["abh"].get(f"/requests/{draft}"), house["abh"].get(f"/requests/{offered}")) == before


def _complete(caller: Caller, method: str, path: str) -> Any:
    """A call that would be in order, as far as one body can be for all."""
    if method == "GET" and path.endswith("/address"):
        path += "?purpose=pick-up"
    if method == "GET" and path.endswith("decline-preview"):
        path += "?code=crew_ill"
    return caller.call(method, path, None if method == "GET" else {}, if_match="*")
