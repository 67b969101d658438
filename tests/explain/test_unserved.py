"""Every kind of obstacle on an instance small enough to be worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from optimizer.explain.unserved import unserved_reasons
from optimizer.model import (
    DAY,
    HOUR,
    MINUTE,
    EscortRule,
    Instance,
    InstanceIndex,
    Licence,
    Need,
    Request,
    Rule,
    Solution,
    Tour,
)
from optimizer.result import Obstacle, Reason
from tests import builders as b

TRAVEL = b.line({"depot": 0, "A": 600, "B": 3000, "C": 3600})
M = MINUTE


def told(instance: Instance, *tours: Tour, request: str = "R1") -> list[Reason]:
    found = {u.request: u.reasons for u in unserved_reasons(InstanceIndex(instance), TRAVEL, b.plan(*tours))}
    return list(found[request])


def only(instance: Instance, *tours: Tour, request: str = "R1") -> Reason:
    (reason,) = told(instance, *tours, request=request)
    return reason


def alone(request: Request, **fields: Any) -> Reason:
    return only(b.instance(request, **fields))


# --- static -----------------------------------------------------------------------------------------------------------

STATIC: dict[str, tuple[dict[str, Any], dict[str, Any], Rule, str]] = {
    "lying": (
        {"needs": frozenset({Need.LYING})},
        {},
        Rule.VEHICLE_FEATURES,
        "Kein Fahrzeug der Börse kann jemanden liegend",
    ),
    "features": (
        {"features": frozenset({"partition", "blinds"})},
        {"vehicles": (b.vehicle(features=frozenset({"partition"})),)},
        Rule.VEHICLE_FEATURES,
        "Dem Fahrzeug fehlt: blinds.",
    ),
    "skills": (
        {"needs": frozenset({Need.DOCTOR, Need.INTERPRETER})},
        {"crews": (b.crew(skills=frozenset({"interpreter"})),)},
        Rule.CREW_SKILLS,
        "Im Team fehlt: Ärztin oder Arzt.",
    ),
    "licence": ({}, {"vehicles": (b.vehicle(licence=Licence.D1),)}, Rule.LICENCE, "Fahrerlaubnisklasse D1"),
    "children": (
        {"party": b.FATHER_AND_SON},
        {"vehicles": (b.vehicle(carries_children=False),)},
        Rule.NO_CHILDREN_VEHICLE,
        "keine Kinder unter 14",
    ),
    "barred duty": ({"barred_duties": frozenset({"D1"})}, {}, Rule.BARRED, "für diesen Dienst schon abgelehnt"),
    "barred zab": ({"barred_zabs": frozenset({"Z1"})}, {}, Rule.BARRED, "Die ZAB hat diese Fahrt schon abgelehnt"),
    "vehicle away": (
        {},
        {"vehicles": (b.vehicle(availability=(b.window(2 * DAY, 3 * DAY),)),)},
        Rule.DEPOT,
        "steht in dieser Schicht nicht zur Verfügung",
    ),
}


@pytest.mark.parametrize(("asked", "fields", "rule", "text"), STATIC.values(), ids=STATIC.keys())
def test_static_rules(asked: dict[str, Any], fields: dict[str, Any], rule: Rule, text: str) -> None:
    reason = alone(b.request("R1", **asked), **fields)
    assert (reason.zab, reason.duty, reason.obstacle, reason.rule) == ("Z1", "D1", Obstacle.STATIC, rule)
    assert text in reason.texts["de"]


def test_a_pin_names_its_duty_and_that_duty_is_judged() -> None:
    fields = b.fleet(2)
    fields["zabs"] = (b.zab(), b.zab("Z2"))
    fields["crews"] = (fields["crews"][0], b.crew("C2", "Z2"))
    pinned = b.request("R1", pin="D2", load=20)
    first, second = told(b.instance(pinned, **fields))
    assert (first.duty, first.obstacle, first.rule) == ("D2", Obstacle.TOUR, Rule.LOAD)
    assert (second.duty, second.obstacle, second.rule) == ("D1", Obstacle.STATIC, Rule.PIN)
    assert "dem Dienst D2 zugeordnet" in second.texts["de"]


# --- along the tour ---------------------------------------------------------------------------------------------------

NIGHT = (b.window(0, 6 * HOUR),)
TOUR: dict[str, tuple[dict[str, Any], dict[str, Any], Rule, str]] = {
    "seats": ({"load": 8}, {}, Rule.LOAD, "Zu wenige Sitzplätze: nötig 8, neben dem Team frei 7."),
    "wheelchair": (
        {"needs": frozenset({Need.WHEELCHAIR}), "wheelchairs": 1},
        {},
        Rule.LOAD,
        "Zu wenige Rollstuhlplätze: nötig 1, vorhanden 0.",
    ),
    "child seats": (
        {"party": b.FATHER_AND_SON},
        {"vehicles": (b.vehicle(child_seats=(4, 4, 0)),)},
        Rule.LOAD,
        "Zu wenige Kindersitze für 6-11 Jahre: nötig 1, vorhanden 0.",
    ),
    "luggage": (
        {"luggage": 5},
        {"vehicles": (b.vehicle(luggage=4),)},
        Rule.LOAD,
        "Zu wenig Platz für Gepäckstücke: nötig 5, vorhanden 4.",
    ),
    "no configuration": (
        {"needs": frozenset({Need.WHEELCHAIR}), "party": b.MEN, "wheelchairs": 1},
        {"vehicles": (b.vehicle(configurations=(b.seats(2, 1), b.seats(9))),)},
        Rule.LOAD,
        "nicht genug Platz",
    ),
    "officers": ({"escort_officers": 3}, {}, Rule.ESCORTS, "Zu wenige Begleitkräfte: nötig 3, im Team 2."),
    "officers by rule": (
        {"party": b.party(b.people(count=5))},
        {"parameters": b.neutral(escorts=EscortRule(base=2))},
        Rule.ESCORTS,
        "nötig 3, im Team 2.",
    ),
    "female officer": (
        {"party": b.WOMAN},
        {"parameters": b.strict()},
        Rule.FEMALE_OFFICER,
        "Im Team fehlt eine weibliche Begleitkraft.",
    ),
    "female officers": (
        {"escort_officers": 2, "escort_female": 2},
        {"crews": (b.crew(female_officers=1),)},
        Rule.FEMALE_OFFICER,
        "Zu wenige weibliche Begleitkräfte: nötig 2, im Team 1.",
    ),
    "direct too long": (
        {},
        {"parameters": b.neutral(ride_cap=30 * M)},
        Rule.RIDE_TIME,
        "Schon die direkte Fahrt dauert 40 min; erlaubt sind höchstens 30 min an Bord.",
    ),
    "wait makes it too long": (
        {"pickup": (HOUR, HOUR), "delivery": (3 * HOUR, 4 * HOUR)},
        {"parameters": b.neutral(ride_cap=90 * M)},
        Rule.RIDE_TIME,
        "Die Zeit an Bord wäre 120 min; erlaubt sind höchstens 90 min.",
    ),
    "detour cap": (
        {"pickup": (HOUR, HOUR), "delivery": (3 * HOUR, 4 * HOUR)},
        {"parameters": b.neutral(detour_permille=2000)},
        Rule.DETOUR,
        "wäre 120 min; erlaubt sind höchstens 80 min.",
    ),
    "wait": (
        {"pickup": (HOUR, HOUR), "delivery": (3 * HOUR, 4 * HOUR)},
        {"parameters": b.neutral(max_wait=45 * M)},
        Rule.WAIT_ON_BOARD,
        "zu lange im stehenden Fahrzeug warten",
    ),
    "rest stop": (
        {"pickup": (HOUR, HOUR), "delivery": (0, HOUR + 40 * M)},
        {"parameters": b.neutral(rest_every=30 * M, rest_length=10 * M)},
        Rule.REST_STOP,
        "Mit den nötigen Pausen für die Mitfahrenden",
    ),
    "night": ({"pickup": (0, 5 * HOUR)}, {"nights": NIGHT}, Rule.NIGHT_PICKUP, "Abholung in der Nacht"),
    "children at night": (
        {"party": b.FATHER_AND_SON, "pickup": (0, 5 * HOUR), "night_ground": True},
        {"nights": NIGHT, "parameters": b.strict()},
        Rule.NIGHT_CHILDREN,
        "mit Kindern unter 14 Jahren an Bord ist das nicht erlaubt",
    ),
    "pick-up of children at night": (
        {"party": b.FATHER_AND_SON, "pickup": (0, 5 * HOUR)},
        {"nights": NIGHT, "parameters": b.strict()},
        Rule.NIGHT_PICKUP,
        "Abholung in der Nacht",
    ),
    "break": (
        {},
        {"parameters": b.neutral(working_time=(b.arbzg(tiers=(), step=86_400, max_stretch=HOUR),))},
        Rule.WORKING_BREAK,
        "Ruhepause des Teams",
    ),
    "span": (
        {},
        {"parameters": b.neutral(working_time=(b.arbzg(max_span=90 * M),))},
        Rule.SHIFT_SPAN,
        "Die Tour würde 100 min dauern; erlaubt sind 90 min.",
    ),
    "span and shift": (
        {},
        {"parameters": b.neutral(working_time=(b.arbzg(max_span=90 * M),)), "shifts": (b.shift(end=90 * M),)},
        Rule.SHIFT_SPAN,
        "Die Tour würde 100 min dauern; erlaubt sind 90 min.",
    ),
    "shift begins late": (
        {"pickup": (HOUR, HOUR), "delivery": (0, HOUR + 40 * M)},
        {"shifts": (b.shift(start=70 * M),)},
        Rule.SHIFT_SPAN,
        "Die Schicht beginnt zu spät: Es fehlen 20 min.",
    ),
    "shift ends early": (
        {"pickup": (HOUR, HOUR), "delivery": (HOUR + 40 * M, DAY)},
        {"shifts": (b.shift(end=2 * HOUR),)},
        Rule.SHIFT_SPAN,
        "Die Schicht endet zu früh: Es fehlen 30 min.",
    ),
    "shift too short": (
        {"pickup": (HOUR, HOUR)},
        {"shifts": (b.shift(start=55 * M, end=2 * HOUR + 25 * M),)},
        Rule.SHIFT_SPAN,
        "Es fehlen 5 min am Anfang und 5 min am Ende.",
    ),
    "another day": (
        {"pickup": (HOUR, HOUR)},
        {"shifts": (b.shift(start=2 * DAY, end=3 * DAY),)},
        Rule.SHIFT_SPAN,
        "zu einer ganz anderen Zeit",
    ),
    "vehicle comes late": (
        {"pickup": (HOUR, HOUR), "delivery": (0, HOUR + 40 * M)},
        {"vehicles": (b.vehicle(availability=(b.window(70 * M, DAY),)),)},
        Rule.DEPOT,
        "nicht lange genug zur Verfügung: Es fehlen bis zu 20 min.",
    ),
    "pick-up window": (
        {"pickup": (10 * HOUR, 11 * HOUR), "delivery": (0, 10 * HOUR + 15 * M)},
        {},
        Rule.WINDOW,
        "Das Abholfenster beginnt 25 min zu spät.",
    ),
    "both windows": (
        {"pickup": (0, 0), "delivery": (0, 0)},
        {},
        Rule.WINDOW,
        "Die Zeiten für Abholung und Übergabe lassen sich auf diesem Dienst nicht einhalten",
    ),
    "pick-up window and cap": (
        {"pickup": (HOUR, HOUR), "delivery": (3 * HOUR, 4 * HOUR), "max_ride": 90 * M, "service": (5 * M, 0)},
        {"parameters": b.neutral(ride_cap=90 * M)},
        Rule.RIDE_TIME,
        "wäre 115 min; erlaubt sind höchstens 90 min.",
    ),
}


@pytest.mark.parametrize(("asked", "fields", "rule", "text"), TOUR.values(), ids=TOUR.keys())
def test_rules_along_the_tour(asked: dict[str, Any], fields: dict[str, Any], rule: Rule, text: str) -> None:
    reason = alone(b.request("R1", **asked), **fields)
    assert (reason.obstacle, reason.rule) == (Obstacle.TOUR, rule), reason.texts
    assert text in reason.texts["de"]
    assert "Auch" not in reason.texts["de"]


def test_the_amount_that_is_named_is_enough_and_a_minute_less_is_not() -> None:
    request = b.request("R1", pickup=(10 * HOUR, 11 * HOUR), delivery=(0, 10 * HOUR + 3 * M))
    reason = alone(request)
    assert reason.actions["de"] == "ABH: Abholung mindestens 37 min früher zulassen."
    assert reason.actions["en"] == "ABH: allow the pick-up at least 37 min earlier."
    for minutes, is_enough in ((37, True), (36, False)):
        wider = b.request("R1", pickup=(10 * HOUR - minutes * M, 11 * HOUR), delivery=(0, 10 * HOUR + 3 * M))
        assert (alone(wider).obstacle is Obstacle.DISPLACES) is is_enough


def test_a_hand_over_moves_only_where_nothing_else_helps() -> None:
    # With this cap an earlier pick-up would not help, and the vehicle cannot be at A before 1 h.
    early = b.request("R1", pickup=(HOUR, 2 * HOUR), delivery=(0, HOUR), max_ride=40 * M)
    reason = alone(early, shifts=(b.shift(start=50 * M),))
    assert (reason.rule, reason.texts["de"]) == (Rule.WINDOW, "Das Übergabefenster endet 40 min zu früh.")
    assert "Umbuchung über die ZFA" in reason.actions["de"]


def test_where_two_rules_are_in_the_way_the_text_says_so() -> None:
    reason = alone(b.request("R1", load=8, escort_officers=3))
    assert (reason.obstacle, reason.rule) == (Obstacle.TOUR, Rule.LOAD)
    assert reason.texts["de"].endswith("frei 7. Auch andere Regeln stehen entgegen.")
    assert reason.texts["en"].endswith("Other rules are in the way too.")


# --- beside promises --------------------------------------------------------------------------------------------------


def promised(**fields: Any) -> tuple[Request, dict[str, Any]]:
    """A committed ride from B to C at 2 h, on a duty that must pick R1 up meanwhile."""
    rider = b.request("C1", "B", "C", pickup=(2 * HOUR, 2 * HOUR), delivery=(0, DAY), **fields)
    made = b.commitment("D1", ("C1", "pickup", 2 * HOUR), ("C1", "delivery", 3 * HOUR))
    return rider, {"commitments": (made,)}


TOGETHER: dict[str, tuple[dict[str, Any], dict[str, Any], Rule]] = {
    "separation": ({"separate": True}, {}, Rule.SEPARATION),
    "separation of the other": ({}, {"separate": True}, Rule.SEPARATION),
    "exclusion": ({"excluded": frozenset({"C1"})}, {}, Rule.EXCLUSION),
    "families": ({"party": b.MEN}, {}, Rule.FAMILIES_APART),
    "women": ({"party": b.WOMAN}, {}, Rule.WOMEN_ALONE),
    "minor": ({"party": b.LONE_MINOR}, {}, Rule.LONE_MINOR),
    "minor and separation": ({"party": b.LONE_MINOR, "separate": True}, {}, Rule.SEPARATION),
}


@pytest.mark.parametrize(("asked", "other", "rule"), TOGETHER.values(), ids=TOGETHER.keys())
def test_who_may_not_ride_with_those_promised(asked: dict[str, Any], other: dict[str, Any], rule: Rule) -> None:
    rider, fields = promised(**other)
    # From B to C between the promised stops: together or not at all.
    request = b.request("R1", "B", "C", pickup=(2 * HOUR, 2 * HOUR + 10 * M), delivery=(0, 3 * HOUR), **asked)
    parameters = b.strict(escorts=EscortRule(), detour_permille=None, max_wait=None)
    crews = (b.crew(female_officers=1),)
    reason = only(b.instance(request, rider, parameters=parameters, crews=crews, **fields))
    assert (reason.obstacle, reason.rule) == (Obstacle.TOUR, rule)


def test_room_and_officers_beside_those_promised() -> None:
    rider, fields = promised(load=6)
    asked: dict[str, Any] = {"pickup": (2 * HOUR, 2 * HOUR + 10 * M), "delivery": (0, 3 * HOUR)}
    reason = only(b.instance(b.request("R1", "B", "C", load=2, **asked), rider, **fields))
    assert (reason.rule, reason.texts["de"]) == (
        Rule.LOAD,
        "Neben den schon zugesagten Mitfahrenden ist nicht genug Platz.",
    )
    rider, fields = promised(party=b.party(b.people(count=3)))
    few = {**fields, "parameters": b.neutral(escorts=EscortRule(base=2))}
    reason = only(b.instance(b.request("R1", "B", "C", **asked), rider, **few))
    assert reason.rule is Rule.ESCORTS
    assert "Zusammen mit den schon zugesagten Mitfahrenden" in reason.texts["de"]


def test_a_promised_tour_elsewhere_is_the_reason_itself() -> None:
    rider, fields = promised()
    handover = (2 * HOUR + 30 * M, 3 * HOUR)
    request = b.request("R1", pickup=(2 * HOUR, 2 * HOUR + 10 * M), delivery=handover, max_ride=40 * M)
    reason = only(b.instance(request, rider, **fields))
    assert (reason.obstacle, reason.rule) == (Obstacle.TOUR, Rule.COMMITMENT)
    assert "schon zugesagt" in reason.texts["de"]
    # Where a few minutes at the window would do, these are told.
    near = b.request("R1", pickup=(3 * HOUR, 3 * HOUR + 40 * M))
    reason = only(b.instance(near, rider, **fields))
    assert (reason.rule, reason.texts["de"]) == (Rule.WINDOW, "Das Abholfenster endet 10 min zu früh.")


def test_a_promised_tour_of_another_day_does_not_make_the_tour_long() -> None:
    rider, fields = promised()
    parameters = b.neutral(working_time=(b.arbzg(tiers=(), max_stretch=None),))
    asked: dict[str, Any] = {"pickup": (DAY + 2 * HOUR, DAY + 3 * HOUR), "delivery": (DAY + 2 * HOUR, 2 * DAY)}
    shifts = (b.shift(end=10 * HOUR),)
    reason = only(b.instance(b.request("R1", **asked), rider, parameters=parameters, shifts=shifts, **fields))
    assert (reason.obstacle, reason.rule) == (Obstacle.TOUR, Rule.SHIFT_SPAN)
    assert reason.texts["de"] == (
        "Die Schicht liegt zu einer ganz anderen Zeit als die Fahrt. Auch die zugesagte Tour steht im Weg."
    )


def test_a_promised_tour_that_is_not_the_only_obstacle_is_mentioned() -> None:
    rider, fields = promised()
    request = b.request("R1", pickup=(2 * HOUR, 2 * HOUR + 10 * M), escort_officers=3)
    reason = only(b.instance(request, rider, **fields))
    assert (reason.rule, reason.texts["de"]) == (
        Rule.ESCORTS,
        "Zu wenige Begleitkräfte: nötig 3, im Team 2. Auch die zugesagte Tour steht im Weg.",
    )


def test_those_promised_may_not_ride_for_longer() -> None:
    # C1 passes B on its way from A to C. Picking R1 up there takes ten minutes, which C1 has only without its cap.
    made = b.commitment("D1", ("C1", "pickup", 2 * HOUR), ("C1", "delivery", 2 * HOUR + 50 * M), tolerance=20 * M)
    asked: dict[str, Any] = {"pickup": (2 * HOUR + 25 * M, 2 * HOUR + 35 * M), "delivery": (0, 2 * HOUR + 55 * M)}
    request = b.request("R1", "B", "C", service=(10 * M, 0), **asked)
    capped = b.instance(request, b.request("C1", "A", "C", max_ride=50 * M), commitments=(made,))
    reason = only(capped)
    assert (reason.obstacle, reason.rule) == (Obstacle.TOUR, Rule.RIDE_TIME)
    assert reason.texts["de"] == "Schon zugesagte Mitfahrende wären länger an Bord als erlaubt."
    free = b.instance(request, b.request("C1", "A", "C", max_ride=60 * M), commitments=(made,))
    assert only(free).obstacle is Obstacle.DISPLACES


# --- in the plan ------------------------------------------------------------------------------------------------------


def ride(instance: Instance, *requests: str, duty: str = "D1") -> Tour:
    return b.TourBuilder(instance, TRAVEL, duty).ride(*requests).build()


def rival(id: str, **fields: Any) -> Request:  # noqa: A002
    """A request that takes the duty from 1 h to 1 h 40."""
    return b.request(id, pickup=(HOUR, HOUR), **fields)


def test_those_who_ride_there_would_have_to_give_way() -> None:
    instance = b.instance(
        rival("R1", separate=True), rival("R2", separate=True), b.request("R3", "B", "A", pickup=(2 * HOUR, 3 * HOUR))
    )
    reason = only(instance, ride(instance, "R2", "R3"))
    assert (reason.obstacle, reason.rule, reason.displaces) == (Obstacle.DISPLACES, None, ("R2",))
    assert reason.texts["de"] == "Möglich nur, wenn dafür eine andere Fahrt nicht befördert wird: R2."
    assert reason.texts["en"] == "Possible only if another trip is not carried for it: R2."


def test_partners_of_those_who_give_way_would_have_to_leave_too() -> None:
    instance = b.instance(
        rival("R1", separate=True),
        rival("R2", separate=True, bundle="both"),
        b.request("R3", "B", "A", pickup=(2 * HOUR, 3 * HOUR), bundle="both"),
    )
    reason = only(instance, ride(instance, "R2", "R3"))
    assert reason.displaces == ("R2", "R3")
    assert reason.texts["de"] == "Möglich nur, wenn dafür andere Fahrten nicht befördert werden: R2, R3."


def test_what_would_fit_without_displacing_is_told_honestly() -> None:
    instance = b.instance(b.request("R1"), rival("R2"))
    for tours in ((), (ride(instance, "R2"),)):
        reason = only(instance, *tours)
        assert (reason.obstacle, reason.rule, reason.displaces) == (Obstacle.DISPLACES, None, ())
        assert "ohne dass eine andere zurückbleibt" in reason.texts["de"]


def test_budget() -> None:
    instance = b.instance(b.request("R1"), rival("R2"), zabs=(b.zab(budget=1),))
    reason = only(instance, ride(instance, "R2"))
    assert (reason.obstacle, reason.rule, reason.displaces) == (Obstacle.DISPLACES, Rule.BUDGET, ("R2",))
    assert "höchstens 1 neue Fahrt in" in reason.texts["de"]


def doubled(**second: Any) -> dict[str, Any]:
    """Two duties: D1 as ever, D2 with another vehicle or crew unless named."""
    duty = {"shift": "S2", "vehicle": "V2", **second}
    return {
        "vehicles": (b.vehicle(), b.vehicle("V2")),
        "crews": (b.crew(), b.crew("C2")),
        "shifts": (b.shift(), b.shift("S2", "C2")),
        "duties": (b.duty(), b.duty("D2", **duty)),
    }


@pytest.mark.parametrize(
    ("fields", "rule", "text"),
    [
        (doubled(vehicle="V1"), Rule.VEHICLE_DOUBLED, "Das Fahrzeug ist zur selben Zeit im Dienst D1 unterwegs."),
        (doubled(shift="S1"), Rule.CREW_DOUBLED, "Das Team ist zur selben Zeit im Dienst D1 unterwegs."),
        (
            {
                **doubled(shift="S3"),
                "shifts": (b.shift(), b.shift("S3", "C1", DAY + HOUR, 2 * DAY)),
                "parameters": b.neutral(working_time=(b.arbzg(),)),
            },
            Rule.REST_BETWEEN_SHIFTS,
            "Dem Team fehlt die Ruhezeit zum Dienst D1.",
        ),
    ],
)
def test_a_duty_whose_crew_or_vehicle_is_taken(fields: dict[str, Any], rule: Rule, text: str) -> None:
    later: dict[str, Any] = {"pickup": (DAY + 2 * HOUR, 2 * DAY), "delivery": (0, 2 * DAY)}
    asked: dict[str, Any] = later if rule is Rule.REST_BETWEEN_SHIFTS else {"pickup": (HOUR, HOUR)}
    # D2 only: the request itself is barred from D1, where it could simply ride along.
    request = b.request("R1", barred_duties=frozenset({"D1"}), **asked)
    instance = b.instance(request, rival("R2"), **fields)
    reason = only(instance, ride(instance, "R2"))
    assert (reason.duty, reason.obstacle, reason.rule) == ("D2", Obstacle.DISPLACES, rule)
    assert reason.displaces == ("R2",)
    assert reason.texts["de"] == f"{text} Dort eingeplant: R2."


def test_a_vehicle_on_a_promised_tour_stays_there() -> None:
    rider, fields = promised()
    request = b.request("R1", barred_duties=frozenset({"D1"}))
    instance = b.instance(request, rider, **doubled(vehicle="V1"), **fields)
    reason = only(instance, ride(instance, "C1"))
    assert (reason.duty, reason.rule, reason.displaces) == ("D2", Rule.VEHICLE_DOUBLED, ())
    assert reason.texts["de"].endswith("Die Tour dort ist zugesagt.")


def test_a_bundle_names_the_partner_that_cannot_be_carried() -> None:
    instance = b.instance(b.request("R1", bundle="both"), b.request("R2", bundle="both", load=20))
    reason = only(instance)
    assert (reason.obstacle, reason.rule) == (Obstacle.BUNDLE, Rule.BUNDLE)
    assert "Die zugehörige Fahrt R2 lässt sich nicht einplanen" in reason.texts["de"]
    partner = only(instance, request="R2")
    assert (partner.obstacle, partner.rule) == (Obstacle.TOUR, Rule.LOAD)


# --- the whole --------------------------------------------------------------------------------------------------------


def test_the_nearest_zab_comes_first() -> None:
    fields = b.fleet(3)
    fields["zabs"] = (b.zab("Z1"), b.zab("Z2"), b.zab("Z3"), b.zab("Z4"))
    fields["crews"] = tuple(b.crew(f"C{i}", f"Z{i}") for i in (1, 2, 3))
    fields["vehicles"] = (b.vehicle("V1"), b.vehicle("V2", configurations=(b.seats(3),)), b.vehicle("V3"))
    request = b.request("R1", load=2, barred_zabs=frozenset({"Z1"}))
    reasons = told(b.instance(request, **fields))
    assert [(reason.zab, reason.obstacle) for reason in reasons] == [
        ("Z3", Obstacle.DISPLACES),
        ("Z2", Obstacle.TOUR),
        ("Z1", Obstacle.STATIC),
    ]


def test_the_nearest_duty_of_a_zab_is_named() -> None:
    request = b.request("R1", load=2, pickup=(HOUR, HOUR), delivery=(0, HOUR + 40 * M))
    fields = b.fleet(3)
    fields["shifts"] = (b.shift(start=90 * M), b.shift("S2", "C2", start=60 * M), b.shift("S3", "C3", start=70 * M))
    reason = alone(request, **fields)
    assert (reason.duty, reason.texts["de"]) == ("D2", "Die Schicht beginnt zu spät: Es fehlen 10 min.")


def test_without_duties_there_are_no_reasons() -> None:
    instance = b.instance(b.request("R1"), duties=())
    assert told(instance) == []


def test_a_plan_that_serves_all_has_none() -> None:
    instance = b.instance(b.request("R1"))
    assert unserved_reasons(InstanceIndex(instance), TRAVEL, Solution(tours=(ride(instance, "R1"),))) == ()


@pytest.mark.parametrize("polls", range(7))
def test_a_stop_leaves_the_rest_without_reasons(polls: int) -> None:
    instance = b.instance(b.request("R1"), b.request("R2"), b.request("R3"))
    left = iter([False] * polls)
    found = unserved_reasons(InstanceIndex(instance), TRAVEL, Solution(), should_stop=lambda: next(left, True))
    assert [u.request for u in found] == ["R1", "R2", "R3"]
    counts = [len(u.reasons) for u in found]
    assert counts == sorted(counts, reverse=True)
    assert polls > 0 or counts == [0, 0, 0]


def test_without_a_stop_all_have_reasons() -> None:
    instance = b.instance(b.request("R1"), b.request("R2"), b.request("R3"))
    found = unserved_reasons(InstanceIndex(instance), TRAVEL, Solution())
    assert [len(u.reasons) for u in found] == [1, 1, 1]
