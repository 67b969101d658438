"""What two changes together say: each in a few words, and who would have to do what."""

from __future__ import annotations

from collections.abc import Collection

from optimizer.answer import Kind, Looked, Part, Texts
from optimizer.explain.message import LANGUAGES, Count
from optimizer.explain.rule_names import rule_names
from optimizer.model import DutyId, ZabId
from optimizer.why.measure import Measure, Step
from optimizer.why.sorts import SORT_OF, Sort
from optimizer.why.texts_relaxed import relaxed

SHORT: dict[Kind, tuple[str, str]] = {
    Kind.PICKUP_EARLIER: (
        "die Abholung darf {size} min früher beginnen",
        "the pick-up may begin {size} min earlier",
    ),
    Kind.PICKUP_LATER: (
        "die Abholung darf {size} min später beginnen",
        "the pick-up may begin {size} min later",
    ),
    Kind.HANDOVER_EARLIER: (
        "die Übergabe darf {size} min früher beginnen",
        "the hand-over may begin {size} min earlier",
    ),
    Kind.HANDOVER_LATER: (
        "die Übergabe darf {size} min später beginnen",
        "the hand-over may begin {size} min later",
    ),
    Kind.DAY_EARLIER: (
        "die Fahrt liegt {size} {size:Tag|Tage} früher, zur selben Uhrzeit",
        "the trip is {size} {size:day|days} earlier, at the same hours",
    ),
    Kind.DAY_LATER: (
        "die Fahrt liegt {size} {size:Tag|Tage} später, zur selben Uhrzeit",
        "the trip is {size} {size:day|days} later, at the same hours",
    ),
    Kind.NIGHT_GROUND: (
        "für eine Abholung in der Nacht ist ein Grund festgehalten",
        "a ground for a pick-up at night is recorded",
    ),
    Kind.LUGGAGE: (
        "{size} {size:Gepäckstück|Gepäckstücke} weniger",
        "{size} {size:piece|pieces} of luggage less",
    ),
    Kind.PARTED: (
        "die Fahrt wird ohne die zugehörige andere gefahren",
        "the trip is made without the other that belongs to it",
    ),
    Kind.SHIFT_EARLIER: ("die Schicht beginnt {size} min früher", "the shift begins {size} min earlier"),
    Kind.SHIFT_LATER: ("die Schicht endet {size} min später", "the shift ends {size} min later"),
    Kind.AVAILABLE_EARLIER: (
        "das Fahrzeug steht {size} min früher bereit",
        "the vehicle is there {size} min earlier",
    ),
    Kind.AVAILABLE_LATER: (
        "das Fahrzeug steht {size} min länger bereit",
        "the vehicle is there {size} min longer",
    ),
    Kind.BAR_LIFTED: ("die frühere Ablehnung ist aufgehoben", "the earlier decline is withdrawn"),
    Kind.TOUR_RELEASED: ("die Tour nimmt noch jemanden auf", "the tour takes somebody else"),
    Kind.OVERRIDE: ("eine Ausnahme von der Regel „{rule}“", "an exception to the rule “{rule}”"),
    Kind.BUDGET: (
        "die ZAB {zab} übernimmt {size} {size:Fahrt|Fahrten} mehr",
        "ZAB {zab} takes {size} more {size:trip|trips}",
    ),
    Kind.CHILD_SEATS: (
        "{size} {size:Kindersitz|Kindersitze} mehr je Altersgruppe",
        "{size} more child {size:seat|seats} of each age band",
    ),
    Kind.SEATS: (
        "eine andere Bestuhlung (bei {size} {size:Platz|Plätzen})",
        "other seating (at {size} {size:place|places})",
    ),
    Kind.OFFICER: (
        "{size} {size:Begleitkraft|Begleitkräfte} mehr im Team",
        "{size} more {size:officer|officers} in the crew",
    ),
    Kind.FEMALE_OFFICER: (
        "{size} weibliche {size:Begleitkraft|Begleitkräfte} mehr im Team",
        "{size} more female {size:officer|officers} in the crew",
    ),
    Kind.SKILL: ("die verlangte Fachkraft ist im Team", "the skill that is asked for is in the crew"),
    Kind.DRIVER: (
        "im Team ist jemand, der das Fahrzeug fahren darf",
        "there is somebody in the crew who may drive the vehicle",
    ),
    Kind.VEHICLE: ("Fahrzeug {vehicle} fährt diesen Dienst", "vehicle {vehicle} drives this duty"),
    Kind.VEHICLE_OF_OTHER_ZAB: (
        "Fahrzeug {vehicle} einer anderen ZAB fährt diesen Dienst",
        "vehicle {vehicle} of another ZAB drives this duty",
    ),
    Kind.PIN_RELEASED: ("die Zuordnung von Hand ist gelöst", "the assignment by hand is released"),
    Kind.CHANGES: (
        "{size} {size:Zuordnung mehr darf|Zuordnungen mehr dürfen} vom veröffentlichten Plan abweichen",
        "{size} more {size:assignment|assignments} may depart from the published plan",
    ),
}
"""Each kind of change as part of a sentence."""
BOTH = (
    "Zwei Änderungen zusammen genügen auf Dienst {duty}, eine allein nicht: {first}; {second}.",
    "Two changes together are enough on duty {duty}, one alone is not: {first}; {second}.",
)
SORTS: dict[Sort, tuple[str, str]] = {
    Sort.PICKUP: ("Abholung", "pick-up"),
    Sort.HANDOVER: ("Übergabe", "hand-over"),
    Sort.DAY: ("Tag", "day"),
    Sort.SHIFT: ("Schicht", "shift"),
    Sort.VEHICLE: ("Fahrzeug und Gepäck", "vehicle and luggage"),
    Sort.CREW: ("Team", "crew"),
    Sort.EXCEPTION: ("Ausnahmen", "exceptions"),
    Sort.DECISION: ("frühere Entscheidungen", "earlier decisions"),
    Sort.LIMIT: ("Obergrenzen", "limits"),
}
NO_PAIR = (
    "Auch zwei Änderungen zusammen genügen nirgends. Durchgerechnet ({duties} {duties:Dienst|Dienste}): {sorts}.",
    "Nor are two changes together enough anywhere. Looked at ({duties} {duties:duty|duties}): {sorts}.",
)
NOT_ALL = (
    "Zwei Änderungen, die zusammen genügen, wurden bisher nicht gefunden; für alle Paare reichte die Rechenzeit nicht.",
    "Two changes that are enough together have not been found; there was no time to look at all pairs.",
)


def part_of(measure: Measure, step: Step, *, duty: DutyId, zab: ZabId) -> Part:
    """Return one of two changes with its words."""
    names = rule_names(() if measure.rule is None else (measure.rule,))
    _, actions = relaxed(measure.kind, size=step.size, duty=duty, zab=zab, vehicle=step.vehicle, rule=measure.rule)
    return Part(
        kind=measure.kind,
        granter=measure.granter,
        size=step.size,
        unit=measure.unit,
        texts={
            language: SHORT[measure.kind][number].format(
                size=Count(step.size), zab=zab, vehicle=step.vehicle, rule=names[language]
            )
            for number, language in enumerate(LANGUAGES)
        },
        actions=actions,
        rule=measure.rule,
        vehicle=step.vehicle,
        granted=step.granted,
    )


def combined(parts: tuple[Part, Part], duty: DutyId) -> tuple[Texts, Texts]:
    """Return text and action of two changes together."""
    texts = {
        language: BOTH[number].format(duty=duty, first=parts[0].texts[language], second=parts[1].texts[language])
        for number, language in enumerate(LANGUAGES)
    }
    return texts, {language: " ".join(part.actions[language] for part in parts) for language in LANGUAGES}


def looked(kinds: Collection[Kind], duties: int, *, is_complete: bool) -> Looked:
    """Return what was looked at, with what is said of it where no two changes were found."""
    pattern = NO_PAIR if is_complete else NOT_ALL
    sorts = {SORT_OF[kind] for kind in kinds}
    texts = {
        language: pattern[number].format(
            duties=Count(duties), sorts=", ".join(names[number] for sort, names in SORTS.items() if sort in sorts)
        )
        for number, language in enumerate(LANGUAGES)
    }
    return Looked(
        kinds=tuple(kind for kind in Kind if kind in kinds), duties=duties, is_complete=is_complete, texts=texts
    )
