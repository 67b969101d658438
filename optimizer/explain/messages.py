"""One message for every rule: what blocks, in a dispatcher's words, and who could do what.

These are said where no number makes them more precise; ``messages_precise`` has those with numbers and names.
"""

from __future__ import annotations

from optimizer.explain.message import Message, message
from optimizer.model import Rule

_OTHER_COMPANY = (
    (
        "ZAB: Dienst ohne diese Mitfahrenden einsetzen. "
        "ZAB-Leitung: Ausnahme nur mit Begründung und Zustimmung einer zweiten Person."
    ),
    (
        "ZAB: use a duty without these passengers. "
        "Head of the ZAB: exception only with a reason and the consent of a second person."
    ),
)
_SHORTER = (
    (
        "ZAB: anderen Dienst einsetzen; ABH: Zeitfenster erweitern. "
        "ZAB-Leitung: Ausnahme nur mit Begründung und Zustimmung einer zweiten Person."
    ),
    (
        "ZAB: use another duty; ABH: widen the windows. "
        "Head of the ZAB: exception only with a reason and the consent of a second person."
    ),
)
_WITHOUT_PROMISED = (
    "ZAB: Dienst ohne diese Mitfahrenden einsetzen.",
    "ZAB: use a duty without these passengers.",
)

MESSAGES: dict[Rule, Message] = {
    Rule.ONCE_PER_REQUEST: message(
        "Die Anfrage ist schon eingeplant; jede wird höchstens einmal gefahren.",
        "The request is planned already; each is carried at most once.",
        "Nichts zu tun.",
        "Nothing to do.",
    ),
    Rule.BUNDLE: message(
        "Die Fahrt gehört zu einer anderen, die sich nicht einplanen lässt; beide werden nur zusammen befördert.",
        "The trip belongs to another that cannot be planned; both are carried together or not at all.",
        "ABH: nachsehen, was der anderen Fahrt entgegensteht, oder die beiden Fahrten trennen.",
        "ABH: look up what is in the way of the other trip, or separate the two.",
    ),
    Rule.PAIRING: message(
        "Auf diesem Dienst lägen Abholung und Übergabe nicht in dieser Reihenfolge im selben Fahrzeug.",
        "On this duty pick-up and hand-over would not come in this order in the same vehicle.",
        "ZAB: anderen Dienst einsetzen; die Regel selbst ist nicht verhandelbar.",
        "ZAB: use another duty; the rule itself is not negotiable.",
    ),
    Rule.WINDOW: message(
        "Die Zeiten für Abholung und Übergabe lassen sich auf diesem Dienst nicht einhalten.",
        "The times for pick-up and hand-over cannot be kept on this duty.",
        "ABH: Abhol- und Übergabefenster erweitern; bei Flügen Umbuchung über die ZFA prüfen.",
        "ABH: widen the pick-up and hand-over windows; for flights ask the ZFA about rebooking.",
    ),
    Rule.DRIVE_TIME: message(
        "Die Fahrt zwischen den Halten dauert länger, als die Abhol- und Übergabezeiten erlauben.",
        "The drive between the stops takes longer than the times for pick-up and hand-over allow.",
        "ZAB: Übergabe später oder Abholung früher ansetzen; reicht das Zeitfenster nicht, ABH: Zeitfenster erweitern.",
        "ZAB: set the hand-over later or the pick-up earlier; where the windows leave no room, ABH: widen them.",
    ),
    Rule.LOAD: message(
        "Im Fahrzeug ist nicht genug Platz (Sitze, Kindersitze, Rollstuhlplätze oder Gepäck).",
        "The vehicle has not enough room (seats, child seats, wheelchair places or luggage).",
        "ZAB: größeres oder anders ausgestattetes Fahrzeug einsetzen.",
        "ZAB: use a larger or differently equipped vehicle.",
    ),
    Rule.VEHICLE_FEATURES: message(
        "Dem Fahrzeug fehlt eine verlangte Ausstattung.",
        "The vehicle lacks equipment that is asked for.",
        "ZAB: passend ausgestattetes Fahrzeug einsetzen.",
        "ZAB: use a vehicle with that equipment.",
    ),
    Rule.CREW_SKILLS: message(
        "Im Team fehlt eine verlangte Fachkraft.",
        "The crew lacks a skill that is asked for.",
        "ZAB: Team um die Fachkraft ergänzen.",
        "ZAB: add someone with that skill to the crew.",
    ),
    Rule.LICENCE: message(
        "Niemand im Team darf dieses Fahrzeug fahren.",
        "Nobody of the crew may drive this vehicle.",
        "ZAB: Team oder Fahrzeug tauschen.",
        "ZAB: change crew or vehicle.",
    ),
    Rule.NO_CHILDREN_VEHICLE: message(
        "In diesem Fahrzeug dürfen keine Kinder unter 14 Jahren fahren.",
        "Children under 14 may not ride in this vehicle.",
        "ZAB: anderes Fahrzeug einsetzen; die Regel selbst ist nicht verhandelbar.",
        "ZAB: use another vehicle; the rule itself is not negotiable.",
    ),
    Rule.RIDE_TIME: message(
        "Jemand wäre länger an Bord als erlaubt.",
        "Someone would be on board for longer than allowed.",
        *_SHORTER,
    ),
    Rule.DETOUR: message(
        "Der Umweg würde die Zeit an Bord über das erlaubte Maß verlängern.",
        "The detour would lengthen the time on board beyond what is allowed.",
        *_SHORTER,
    ),
    Rule.WAIT_ON_BOARD: message(
        "Jemand müsste zu lange im stehenden Fahrzeug warten.",
        "Someone would have to wait too long in the standing vehicle.",
        "ABH: spätere Abholung oder frühere Übergabe zulassen.",
        "ABH: allow a later pick-up or an earlier hand-over.",
    ),
    Rule.REST_STOP: message(
        "Mit den nötigen Pausen für die Mitfahrenden reicht die Zeit nicht.",
        "With the rest stops that the passengers need there is not enough time.",
        "ABH: frühere Abholung zulassen; die Pausen sind nicht verhandelbar.",
        "ABH: allow an earlier pick-up; the rest stops are not negotiable.",
    ),
    Rule.SEPARATION: message(
        "Die Fahrt ginge nur gemeinsam mit anderen; für mindestens eine der Fahrten ist Einzelfahrt angeordnet.",
        "The trip would have to be shared; for at least one of the trips separate transport is ordered.",
        *_WITHOUT_PROMISED,
    ),
    Rule.EXCLUSION: message(
        "Die Fahrt ginge nur gemeinsam mit einer Fahrt, mit der sie ausdrücklich nicht zusammengelegt werden darf.",
        "The trip would have to be shared with one that it must expressly not be combined with.",
        *_WITHOUT_PROMISED,
    ),
    Rule.FAMILIES_APART: message(
        "Die Fahrt ginge nur gemeinsam mit anderen, doch Familien fahren nur mit Familien.",
        "The trip would have to be shared, yet families ride with families only.",
        *_OTHER_COMPANY,
    ),
    Rule.WOMEN_ALONE: message(
        "Die Fahrt ginge nur gemeinsam mit anderen, doch allein reisende Frauen fahren nicht mit fremden Männern.",
        "The trip would have to be shared, yet women alone do not ride with unrelated men.",
        *_OTHER_COMPANY,
    ),
    Rule.LONE_MINOR: message(
        "Die Fahrt ginge nur gemeinsam mit anderen, doch unbegleitete Minderjährige fahren nicht mit Fremden.",
        "The trip would have to be shared, yet unaccompanied minors do not ride with strangers.",
        *_WITHOUT_PROMISED,
    ),
    Rule.ESCORTS: message(
        "Es sind zu wenige Begleitkräfte im Team.",
        "The crew has too few officers.",
        "ZAB: Team verstärken.",
        "ZAB: add officers to the crew.",
    ),
    Rule.FEMALE_OFFICER: message(
        "Im Team fehlt eine weibliche Begleitkraft.",
        "The crew lacks a female officer.",
        "ZAB: weibliche Begleitkraft einteilen.",
        "ZAB: assign a female officer.",
    ),
    Rule.SHIFT_SPAN: message(
        "Die Tour passt nicht in die Schicht oder wird länger als erlaubt.",
        "The tour does not fit into the shift, or becomes longer than allowed.",
        "ZAB: Schicht verlegen, soweit die Arbeitszeit es zulässt, oder einen weiteren Dienst einrichten.",
        "ZAB: move the shift as far as working time allows, or set up a further duty.",
    ),
    Rule.WORKING_BREAK: message(
        "Die vorgeschriebene Ruhepause des Teams lässt sich nicht einbauen.",
        "There is no time for the break that the crew must have.",
        "ZAB: anderes Team einsetzen; ABH: Zeitfenster erweitern. Die Pause ist nicht verhandelbar.",
        "ZAB: use another crew; ABH: widen the windows. The break is not negotiable.",
    ),
    Rule.REST_BETWEEN_SHIFTS: message(
        "Das Team hätte zwischen zwei Schichten nicht genug Ruhezeit.",
        "The crew would have too little rest between two shifts.",
        "ZAB: anderes Team einsetzen; die Ruhezeit ist nicht verhandelbar.",
        "ZAB: use another crew; the rest is not negotiable.",
    ),
    Rule.VEHICLE_DOUBLED: message(
        "Das Fahrzeug ist zur selben Zeit in einem anderen Dienst.",
        "The vehicle is on another duty at the same time.",
        "ZAB: weiteres Fahrzeug einsetzen.",
        "ZAB: use a further vehicle.",
    ),
    Rule.CREW_DOUBLED: message(
        "Das Team ist zur selben Zeit in einem anderen Dienst.",
        "The crew is on another duty at the same time.",
        "ZAB: weiteres Team einsetzen.",
        "ZAB: use a further crew.",
    ),
    Rule.DEPOT: message(
        "Das Fahrzeug steht in dieser Schicht nicht zur Verfügung.",
        "The vehicle is not available during this shift.",
        "ZAB: anderes Fahrzeug für diesen Dienst einsetzen.",
        "ZAB: use another vehicle for this duty.",
    ),
    Rule.COMMITMENT: message(
        "Zusammen mit der auf diesem Dienst schon zugesagten Tour lassen sich die Regeln nicht einhalten.",
        "Together with the tour already promised on this duty the rules cannot be kept.",
        "ZAB: weiteres Team und Fahrzeug einsetzen; die Zusage bleibt, wie sie ist.",
        "ZAB: use a further crew and vehicle; the promise stays as it is.",
    ),
    Rule.NIGHT_PICKUP: message(
        "Die Fahrt ginge nur mit Abholung in der Nacht (21 bis 6 Uhr).",
        "The trip would need a pick-up at night (21:00 to 06:00).",
        "ABH: spätere Übergabe prüfen, bei Flügen Umbuchung über die ZFA; liegt ein Grund nach § 58 Abs. "
        "7 AufenthG vor, ihn festhalten.",
        "ABH: consider a later hand-over, for flights rebooking by the ZFA; "
        "where there is a ground (AufenthG § 58 (7)), record it.",
    ),
    Rule.NIGHT_CHILDREN: message(
        "Die Tour fiele in die Nacht (21 bis 6 Uhr); mit Kindern unter 14 Jahren an Bord ist das nicht erlaubt.",
        "The tour would fall into the night (21:00 to 06:00); with children under 14 on board that is not allowed.",
        "ABH: Termin am Tag prüfen, bei Flügen Umbuchung über die ZFA. "
        "ZAB-Leitung: Ausnahme nur mit Begründung und Zustimmung einer zweiten Person.",
        "ABH: consider a time by day, for flights rebooking by the ZFA. "
        "Head of the ZAB: exception only with a reason and the consent of a second person.",
    ),
    Rule.BARRED: message(
        "Die ZAB hat die Fahrt für diesen Dienst schon abgelehnt; sie wird dort nicht noch einmal angeboten.",
        "The ZAB has declined the trip for this duty; it is not offered there again.",
        "ZAB: eigene Ablehnung aufheben, falls sich die Lage geändert hat.",
        "ZAB: withdraw its decline if things have changed.",
    ),
    Rule.FROZEN: message(
        "Die Tour auf diesem Dienst steht kurz bevor oder läuft schon; sie nimmt niemanden mehr auf.",
        "The tour of this duty is about to begin or under way; it takes nobody else.",
        "ZAB: weiteres Team und Fahrzeug einsetzen, oder die Tour von Hand wieder freigeben.",
        "ZAB: use a further crew and vehicle, or release the tour by hand.",
    ),
    Rule.PIN: message(
        "Die Fahrt ist von Hand einem anderen Dienst zugeordnet.",
        "The trip is assigned to another duty by hand.",
        "LTraKo oder die ZAB, die zugeordnet hat: Zuordnung lösen.",
        "LTraKo, or the ZAB that assigned it: release the assignment.",
    ),
    Rule.SERVE_ALL: message(
        "Vorgegeben ist, dass keine Fahrt zurückbleibt; mit den vorhandenen Diensten gelingt das nicht.",
        "It is required that no trip is left behind; with the duties there are that cannot be done.",
        "ZAB: weitere Dienste einrichten.",
        "ZAB: set up further duties.",
    ),
    Rule.BUDGET: message(
        "Die ZAB übernimmt in diesem Zeitraum keine weiteren Fahrten; ihre Obergrenze ist erreicht.",
        "The ZAB takes no further trips in this period; its limit is reached.",
        "ZAB-Leitung: Obergrenze anheben.",
        "Head of the ZAB: raise the limit.",
    ),
    Rule.CHANGE_BUDGET: message(
        "Um die Fahrt hier aufzunehmen, müssten mehr Fahrten des veröffentlichten Plans geändert werden, als "
        "erlaubt ist.",
        "To take the trip here, more trips of the published plan would have to change than is allowed.",
        "LTraKo: mehr Änderungen am veröffentlichten Plan zulassen.",
        "LTraKo: allow more changes to the published plan.",
    ),
    Rule.DRIVER_BREAK: message(
        "Die Person am Steuer müsste ohne Pause länger fahren, als erlaubt ist.",
        "The driver would have to drive for longer without a break than is allowed.",
        "ZAB: Fahrerwechsel oder Pause einplanen.",
        "ZAB: plan a change of drivers or a break.",
    ),
}
"""For every rule what is said where it blocks."""
