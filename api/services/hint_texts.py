"""What hints at entry say, in German and English, by their code: what is impossible, and what would help."""

from __future__ import annotations

from collections.abc import Mapping

Pair = tuple[str, str]

TEXTS: Mapping[str, tuple[Pair, Pair]] = {
    "no_daytime_pickup": (
        (("Flugzeit mit einer Abholung am Tag nicht möglich: kein Abflug vor {earliest} ist erreichbar (ab 6 Uhr "
         "{steps} Minuten)."),
         ("Flight time impossible with a daytime pick-up: no departure before {earliest} can be reached (from 6 h on "
         "{steps} minutes).")),
        ("ABH: ZFA um Umbuchung auf {earliest} oder später bitten.", "ABH: ask ZFA to rebook to {earliest} or later."),
    ),
    "pickup_at_night": (
        ("Das Abholfenster liegt ganz in der Nacht (21 bis 6 Uhr, § 58 Abs. 7 AufenthG), ein Grund ist nicht vermerkt.",
         "The pick-up window lies in the night as a whole (21 to 6 h, § 58 (7) AufenthG); no ground is recorded."),
        ("ABH: Abholung auf den Tag legen und die ZFA um Umbuchung bitten, oder den Grund vermerken.",
         "ABH: move the pick-up to the day and ask ZFA to rebook, or record the ground."),
    ),
    "night_with_children": (
        ("Mit Kindern unter 14 reicht die Maßnahme in die Nacht (21 bis 6 Uhr, RdErl. 13.01.2016).",
         "With children under 14 the measure reaches into the night (21 to 6 h, RdErl. 13.01.2016)."),
        ("ABH: Zeiten auf den Tag legen, ZFA um Umbuchung bitten; sonst Ausnahme mit Grund und zweiter Person.",
         "ABH: move the times to the day, ask ZFA to rebook; else an override with a reason and a second person."),
    ),
    "handover_not_reachable": (
        ("Die Übergabe ist nicht zu erreichen: frühestens um {earliest}, {minutes} Minuten zu spät.",
         "The hand-over cannot be reached: {earliest} at the earliest, {minutes} minutes too late."),
        ("ABH: Abholung früher oder Übergabe später ansetzen; bei einem Flug die ZFA um Umbuchung bitten.",
         "ABH: set the pick-up earlier or the hand-over later; for a flight ask ZFA to rebook."),
    ),
    "ride_too_long": (
        ("Schon die direkte Fahrt dauert mit Pausen {minutes} Minuten; die Grenze liegt bei {limit}.",
         "The direct ride alone takes {minutes} minutes with its rests; the limit is {limit}."),
        (("ABH: nähere Übergabe wählen (ZFA um einen Flug ab einem näheren Flughafen bitten), oder Ausnahme mit Grund "
         "und zweiter Person."),
         ("ABH: choose a nearer hand-over (ask ZFA for a flight from a nearer airport), or an override with a reason "
         "and a second person.")),
    ),
    "deadline_past": (
        ("Die Frist ist schon abgelaufen.", "The deadline is past already."),
        ("ABH: Frist und Regime prüfen; die Maßnahme ist so nicht mehr möglich.",
         "ABH: check deadline and regime; as it stands the measure is no longer possible."),
    ),
    "deadline_before_pickup": (
        ("Die Frist endet vor der Abholung.", "The deadline ends before the pick-up."),
        ("ABH: Abholung vor die Frist legen, oder die Frist prüfen.",
         "ABH: move the pick-up before the deadline, or check the deadline."),
    ),
    "deadline_before_handover": (
        ("Die Frist endet vor der Übergabe.", "The deadline ends before the hand-over."),
        ("ABH: Übergabe vor die Frist legen, oder die Frist prüfen.",
         "ABH: move the hand-over before the deadline, or check the deadline."),
    ),
    "transit_too_late": (
        ("Für die Durchbeförderung ist es zu spät: sie wird mindestens {days} Tage vorher beantragt, also bis {until}.",
         "It is too late for transit: it is applied for at least {days} days before, that is by {until}."),
        ("ABH: mit der ZFA auf einen Flug ohne Zwischenlandung oder einen späteren umbuchen.",
         "ABH: rebook with the ZFA to a flight without a stop-over, or to a later one."),
    ),
    "transit_may_be_late": (
        ("Die Entscheidung über die Durchbeförderung kann bis zu {days} Tage dauern und nach dem Flug kommen.",
         "The decision on transit may take up to {days} days, and come after the flight."),
        ("ZFA: sofort beantragen (spätestens am {until}); ABH: späteren Flug erwägen.",
         "ZFA: apply at once (by {until} at the latest); ABH: consider a later flight."),
    ),
    "dublin_form_too_late": (
        ("Für das Dublin-Formular ist es zu spät: es geht {days} Tage vor der Ankunft hinaus, also bis {until}.",
         "It is too late for the Dublin form: it is sent {days} days before the arrival, that is by {until}."),
        ("ABH: Überstellung auf einen späteren Tag innerhalb der Frist legen und mit dem BAMF abstimmen.",
         "ABH: move the transfer to a later day within the deadline, and settle it with the BAMF."),
    ),
    "dublin_form_too_late_special": (
        ("Bei besonderem Bedarf geht das Dublin-Formular {days} Tage vorher hinaus, also bis {until}: zu spät.",
         "With special needs the Dublin form is sent {days} days before the arrival, that is by {until}: too late."),
        ("ABH: Überstellung auf einen späteren Tag innerhalb der Frist legen und mit dem BAMF abstimmen.",
         "ABH: move the transfer to a later day within the deadline, and settle it with the BAMF."),
    ),
    "lying_not_placeable": (
        ("Liegend kann über die Börse niemand befördert werden.", "Nobody can travel lying through the exchange."),
        ("ABH: qualifizierten Krankentransport beauftragen.", "ABH: order a qualified patient transport."),
    ),
    "no_crew_for_need": (
        ("Kein Team in NRW deckt den Bedarf {need}.", "No crew in NRW meets the need {need}."),
        ("ABH: Fachkraft selbst beauftragen und den Bedarf streichen, oder die ZAB fragen.",
         "ABH: order the specialist yourself and take the need out, or ask the ZABs."),
    ),
    "no_wheelchair_place": (
        ("Kein Fahrzeug in NRW hat so viele Rollstuhlplätze (höchstens {places}).",
         "No vehicle in NRW has so many wheelchair places ({places} at most)."),
        ("ABH: auf mehrere Anfragen im Verbund aufteilen, oder Krankentransport beauftragen.",
         "ABH: enter several requests in one bundle, or order a patient transport."),
    ),
    "no_vehicle_for_children": (
        ("Kein Fahrzeug in NRW befördert Kinder.", "No vehicle in NRW carries children."),
        ("ABH: bei den ZAB nach einem geeigneten Fahrzeug fragen.", "ABH: ask the ZABs for a suitable vehicle."),
    ),
    "no_vehicle_so_large": (
        ("Kein Fahrzeug in NRW hat Platz für {people} Personen und das Team (höchstens {most}).",
         "No vehicle in NRW has room for {people} people and the crew ({most} at most)."),
        ("ABH: bei der LTraKo einen Bus anfragen; eine Familie wird nicht getrennt.",
         "ABH: ask the LTraKo for a coach; a family is not split."),
    ),
    "no_crew_so_large": (
        ("Es werden {officers} Begleitkräfte gebraucht; kein Team in NRW hat mehr als {most}.",
         "{officers} officers are needed; no crew in NRW has more than {most}."),
        ("ABH: Begleitung durch die Bundespolizei klären, oder die ZAB um ein größeres Team bitten.",
         "ABH: settle escorts of the Bundespolizei, or ask the ZABs for a larger crew."),
    ),
    "no_crew_with_women": (
        ("Kein Team in NRW hat so viele weibliche Begleitkräfte (höchstens {most}).",
         "No crew in NRW has so many female officers ({most} at most)."),
        ("ABH: bei den ZAB nach weiblichen Begleitkräften fragen.", "ABH: ask the ZABs for female officers."),
    ),
}  # fmt: skip
