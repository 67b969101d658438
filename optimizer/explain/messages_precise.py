"""Messages with numbers and names, for what can be told more precisely than by the rule alone."""

from __future__ import annotations

from enum import StrEnum

from optimizer.explain.message import Message, message


class Precise(StrEnum):
    """What is told."""

    LYING = "lying"
    FEATURES = "features"
    SKILLS = "skills"
    LICENCE = "licence"
    BARRED_ZAB = "barred_zab"
    PIN = "pin"
    SEATS = "seats"
    WHEELCHAIRS = "wheelchairs"
    CHILD_SEATS = "child_seats"
    LUGGAGE = "luggage"
    LOAD_PROMISED = "load_promised"
    OFFICERS = "officers"
    OFFICERS_PROMISED = "officers_promised"
    FEMALE_OFFICERS = "female_officers"
    DIRECT_TOO_LONG = "direct_too_long"
    RIDE_TIME = "ride_time"
    RIDE_TIME_PROMISED = "ride_time_promised"
    SPAN = "span"
    SHIFT_EARLIER = "shift_earlier"
    SHIFT_LATER = "shift_later"
    SHIFT_BOTH = "shift_both"
    SHIFT_ELSEWHEN = "shift_elsewhen"
    AVAILABILITY = "availability"
    PICKUP_EARLIER = "pickup_earlier"
    PICKUP_LATER = "pickup_later"
    HANDOVER_EARLIER = "handover_earlier"
    HANDOVER_LATER = "handover_later"
    DISPLACES = "displaces"
    DISPLACES_ONE = "displaces_one"
    BUNDLE = "bundle"
    BUDGET = "budget"
    OTHER_DUTY = "other_duty"
    OTHER_DUTY_PROMISED = "other_duty_promised"
    FITS = "fits"


_SHIFT = (
    "ZAB: Schicht entsprechend verlegen, soweit die Arbeitszeit es zulässt, oder weiteren Dienst einrichten.",
    "ZAB: move the shift accordingly, as far as working time allows, or set up a further duty.",
)
_PICKUP = (
    "ABH: Abholung mindestens {minutes} min {side} zulassen.",
    "ABH: allow the pick-up at least {minutes} min {side}.",
)
_HANDOVER_EARLIER = (
    "ABH: Übergabe mindestens {minutes} min früher zulassen; bei Flügen längere Wartezeit am Flughafen bedenken.",
    "ABH: allow the hand-over at least {minutes} min earlier; for flights mind the longer wait at the airport.",
)
_HANDOVER_LATER = (
    "ABH: Übergabe mindestens {minutes} min später zulassen; bei Flügen Umbuchung über die ZFA prüfen.",
    "ABH: allow the hand-over at least {minutes} min later; for flights ask the ZFA about rebooking.",
)
_GIVE_WAY = (
    "Disposition: nur nach Abwägung im Einzelfall anders zuordnen; sonst ZAB: weiteres Team und Fahrzeug.",
    "Dispatcher: assign otherwise only after weighing the case; else ZAB: a further crew and vehicle.",
)

PRECISE: dict[Precise, Message] = {
    Precise.LYING: message(
        "Kein Fahrzeug der Börse kann jemanden liegend befördern.",
        "No vehicle of the exchange can carry anyone lying down.",
        "ABH: Krankentransport außerhalb der Börse beauftragen.",
        "ABH: order a patient transport outside the exchange.",
    ),
    Precise.FEATURES: message(
        "Dem Fahrzeug {number:fehlt|fehlen}: {missing}.",
        "The vehicle lacks: {missing}.",
        "ZAB: passend ausgestattetes Fahrzeug einsetzen.",
        "ZAB: use a vehicle with that equipment.",
    ),
    Precise.SKILLS: message(
        "Im Team {number:fehlt|fehlen}: {missing}.",
        "The crew lacks: {missing}.",
        "ZAB: Team um {number:diese Fachkraft|diese Fachkräfte} ergänzen.",
        "ZAB: add someone with {number:this skill|these skills} to the crew.",
    ),
    Precise.LICENCE: message(
        "Niemand im Team hat die Fahrerlaubnisklasse {licence} für das Fahrzeug.",
        "Nobody of the crew has licence class {licence} for the vehicle.",
        "ZAB: Team oder Fahrzeug tauschen.",
        "ZAB: change crew or vehicle.",
    ),
    Precise.BARRED_ZAB: message(
        "Die ZAB hat diese Fahrt schon abgelehnt; sie wird ihr nicht noch einmal angeboten.",
        "The ZAB declined this trip before; it is not offered to it again.",
        "ZAB: eigene Ablehnung aufheben, falls sich die Lage geändert hat.",
        "ZAB: withdraw its decline if things have changed.",
    ),
    Precise.PIN: message(
        "Die Fahrt ist von Hand dem Dienst {pin} zugeordnet.",
        "The trip is assigned to duty {pin} by hand.",
        "LTraKo oder die ZAB, die zugeordnet hat: Zuordnung lösen.",
        "LTraKo, or the ZAB that assigned it: release the assignment.",
    ),
    Precise.SEATS: message(
        "Zu wenige Sitzplätze: nötig {needed}, neben dem Team frei {there}.",
        "Too few seats: {needed} needed, {there} free beside the crew.",
        "ZAB: größeres Fahrzeug einsetzen.",
        "ZAB: use a larger vehicle.",
    ),
    Precise.WHEELCHAIRS: message(
        "Zu wenige Rollstuhlplätze: nötig {needed}, vorhanden {there}.",
        "Too few wheelchair places: {needed} needed, {there} available.",
        "ZAB: Rollstuhlfahrzeug einsetzen.",
        "ZAB: use a wheelchair vehicle.",
    ),
    Precise.CHILD_SEATS: message(
        "Zu wenige Kindersitze für {band} Jahre: nötig {needed}, vorhanden {there}.",
        "Too few child seats for {band} years: {needed} needed, {there} available.",
        "ZAB: Kindersitze ergänzen.",
        "ZAB: add child seats.",
    ),
    Precise.LUGGAGE: message(
        "Zu wenig Platz für Gepäckstücke: nötig {needed}, vorhanden {there}.",
        "Too little room for pieces of luggage: {needed} needed, {there} available.",
        "ABH: Gepäck gesondert schicken; ZAB: größeres Fahrzeug einsetzen.",
        "ABH: send luggage separately; ZAB: use a larger vehicle.",
    ),
    Precise.LOAD_PROMISED: message(
        "Neben den schon zugesagten Mitfahrenden ist nicht genug Platz.",
        "There is not enough room beside the passengers already promised.",
        "ZAB: größeres oder weiteres Fahrzeug einsetzen.",
        "ZAB: use a larger or a further vehicle.",
    ),
    Precise.OFFICERS: message(
        "Zu wenige Begleitkräfte: nötig {needed}, im Team {there}.",
        "Too few officers: {needed} needed, {there} in the crew.",
        "ZAB: Team verstärken.",
        "ZAB: add officers to the crew.",
    ),
    Precise.OFFICERS_PROMISED: message(
        "Zusammen mit den schon zugesagten Mitfahrenden reichen die Begleitkräfte nicht (im Team {there}).",
        "Together with the passengers already promised there are too few officers ({there} in the crew).",
        "ZAB: Team verstärken.",
        "ZAB: add officers to the crew.",
    ),
    Precise.FEMALE_OFFICERS: message(
        "Zu wenige weibliche Begleitkräfte: nötig {needed}, im Team {there}.",
        "Too few female officers: {needed} needed, {there} in the crew.",
        "ZAB: weibliche Begleitkraft einteilen.",
        "ZAB: assign a female officer.",
    ),
    Precise.DIRECT_TOO_LONG: message(
        "Schon die direkte Fahrt dauert {needed} min; erlaubt sind höchstens {there} min an Bord.",
        "Even the direct ride takes {needed} min; at most {there} min on board are allowed.",
        "ABH: näheren Übergabeort prüfen. "
        "ZAB-Leitung: Ausnahme nur mit Begründung und Zustimmung einer zweiten Person.",
        "ABH: consider a nearer hand-over place. "
        "Head of the ZAB: exception only with a reason and the consent of a second person.",
    ),
    Precise.RIDE_TIME: message(
        "Die Zeit an Bord wäre {needed} min; erlaubt sind höchstens {there} min.",
        "The time on board would be {needed} min; at most {there} min are allowed.",
        "ABH: Zeitfenster erweitern. ZAB-Leitung: Ausnahme nur mit Begründung und Zustimmung einer zweiten Person.",
        "ABH: widen the windows. Head of the ZAB: exception only with a reason and the consent of a second person.",
    ),
    Precise.RIDE_TIME_PROMISED: message(
        "Schon zugesagte Mitfahrende wären länger an Bord als erlaubt.",
        "Passengers already promised would be on board for longer than allowed.",
        "ZAB: weiteres Team und Fahrzeug einsetzen.",
        "ZAB: use a further crew and vehicle.",
    ),
    Precise.SPAN: message(
        "Die Tour würde {needed} min dauern; erlaubt sind {there} min.",
        "The tour would take {needed} min; {there} min are allowed.",
        "ZAB: Dienst näher am Abholort oder zweites Team einsetzen; die Arbeitszeit ist nicht verhandelbar.",
        "ZAB: use a duty nearer to the pick-up, or a second crew; working time is not negotiable.",
    ),
    Precise.SHIFT_EARLIER: message(
        "Die Schicht beginnt zu spät: Es {before:fehlt|fehlen} {before} min.",
        "The shift begins too late, by {before} min.",
        *_SHIFT,
    ),
    Precise.SHIFT_LATER: message(
        "Die Schicht endet zu früh: Es {after:fehlt|fehlen} {after} min.",
        "The shift ends too early, by {after} min.",
        *_SHIFT,
    ),
    Precise.SHIFT_BOTH: message(
        "Die Schicht ist zu kurz: Es fehlen {before} min am Anfang und {after} min am Ende.",
        "The shift is too short: {before} min are missing at its beginning and {after} min at its end.",
        *_SHIFT,
    ),
    Precise.SHIFT_ELSEWHEN: message(
        "Die Schicht liegt zu einer ganz anderen Zeit als die Fahrt.",
        "The shift is at quite another time than the trip.",
        "ZAB: Dienst zur Zeit der Fahrt einrichten.",
        "ZAB: set up a duty at the time of the trip.",
    ),
    Precise.AVAILABILITY: message(
        "Das Fahrzeug steht nicht lange genug zur Verfügung: Es {minutes:fehlt|fehlen} bis zu {minutes} min.",
        "The vehicle is not available for long enough: up to {minutes} min {minutes:is|are} missing.",
        "ZAB: Fahrzeug länger bereitstellen oder ein anderes einsetzen.",
        "ZAB: provide the vehicle for longer, or use another.",
    ),
    Precise.PICKUP_EARLIER: message(
        "Das Abholfenster beginnt {minutes} min zu spät.", "The pick-up window begins {minutes} min too late.", *_PICKUP
    ),
    Precise.PICKUP_LATER: message(
        "Das Abholfenster endet {minutes} min zu früh.", "The pick-up window ends {minutes} min too early.", *_PICKUP
    ),
    Precise.HANDOVER_EARLIER: message(
        "Das Übergabefenster beginnt {minutes} min zu spät.",
        "The hand-over window begins {minutes} min too late.",
        *_HANDOVER_EARLIER,
    ),
    Precise.HANDOVER_LATER: message(
        "Das Übergabefenster endet {minutes} min zu früh.",
        "The hand-over window ends {minutes} min too early.",
        *_HANDOVER_LATER,
    ),
    Precise.DISPLACES: message(
        "Möglich nur, wenn dafür andere Fahrten nicht befördert werden: {others}.",
        "Possible only if other trips are not carried for it: {others}.",
        *_GIVE_WAY,
    ),
    Precise.DISPLACES_ONE: message(
        "Möglich nur, wenn dafür eine andere Fahrt nicht befördert wird: {others}.",
        "Possible only if another trip is not carried for it: {others}.",
        *_GIVE_WAY,
    ),
    Precise.BUNDLE: message(
        "Die zugehörige Fahrt {partner} lässt sich nicht einplanen; beide werden nur zusammen befördert.",
        "The trip {partner} that belongs to it cannot be planned; both are carried together or not at all.",
        "ABH: nachsehen, was der Fahrt {partner} entgegensteht, oder die beiden Fahrten trennen.",
        "ABH: look up what is in the way of trip {partner}, or separate the two.",
    ),
    Precise.BUDGET: message(
        "Die Obergrenze der ZAB ist erreicht: höchstens {budget} neue {budget:Fahrt|Fahrten} in diesem Zeitraum.",
        "The limit of the ZAB is reached: at most {budget} new {budget:trip|trips} in this period.",
        "ZAB-Leitung: Obergrenze anheben.",
        "Head of the ZAB: raise the limit.",
    ),
    Precise.OTHER_DUTY: message(
        "{cause} Dort eingeplant: {others}.",
        "{cause} Planned there: {others}.",
        *_GIVE_WAY,
    ),
    Precise.OTHER_DUTY_PROMISED: message(
        "{cause} Die Tour dort ist zugesagt.",
        "{cause} The tour there is promised.",
        "ZAB: weiteres Team oder Fahrzeug einsetzen; die Zusage bleibt, wie sie ist.",
        "ZAB: use a further crew or vehicle; the promise stays as it is.",
    ),
    Precise.FITS: message(
        "Die Fahrt wäre hier möglich, ohne dass eine andere zurückbleibt. "
        "Die Berechnung hat das in ihrer Zeit nicht gefunden.",
        "The trip would be possible here with no other left behind. The computation did not find this in its time.",
        "Disposition: Berechnung mit mehr Zeit wiederholen oder die Fahrt diesem Dienst von Hand zuordnen.",
        "Dispatcher: compute again with more time, or assign the trip to this duty by hand.",
    ),
}

ALSO_OTHERS = {"de": " Auch andere Regeln stehen entgegen.", "en": " Other rules are in the way too."}
"""Said after a text where lifting its rule alone would not be enough."""
ALSO_PROMISED = {"de": " Auch die zugesagte Tour steht im Weg.", "en": " The promised tour is in the way too."}
"""The same where the promised tour is the only other thing in the way."""
MEANWHILE = {
    "de": {
        "vehicle": "Das Fahrzeug ist zur selben Zeit im Dienst {duty} unterwegs.",
        "crew": "Das Team ist zur selben Zeit im Dienst {duty} unterwegs.",
        "rest": "Dem Team fehlt die Ruhezeit zum Dienst {duty}.",
    },
    "en": {
        "vehicle": "The vehicle is on duty {duty} at the same time.",
        "crew": "The crew is on duty {duty} at the same time.",
        "rest": "The crew lacks the rest to duty {duty}.",
    },
}
"""What another duty takes away."""
WORDS = {
    "de": {
        "doctor": "Ärztin oder Arzt",
        "paramedic": "Sanitäterin oder Sanitäter",
        "interpreter": "Sprachmittlung",
        "ramp": "Rampe",
        "cells": "Zellen",
        "earlier": "früher",
        "later": "später",
    },
    "en": {
        "doctor": "a doctor",
        "paramedic": "a paramedic",
        "interpreter": "an interpreter",
        "ramp": "a ramp",
        "cells": "cells",
        "earlier": "earlier",
        "later": "later",
    },
}
"""Codes in words."""
