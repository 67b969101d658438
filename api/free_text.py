"""What free text may give away: names, numbers to call, addresses, dates of birth, diagnoses. A warning, no refusal.

Free text is for what no code says ("Klingel hinten links"), at most 200 characters. These are heuristics for German
text: they find what people usually write, with few false alarms, and prove nothing. Who wrote it decides; the warning
says where it is, never what it says. Pure: no database, no clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum


class WarningCode(StrEnum):
    """What a text may hold."""

    NAME_LIKE = "name_like"
    PHONE_LIKE = "phone_like"
    MAIL_LIKE = "mail_like"
    DATE_OF_BIRTH_LIKE = "date_of_birth_like"
    ADDRESS_LIKE = "address_like"
    DIAGNOSIS_LIKE = "diagnosis_like"


TEXTS: Mapping[WarningCode, tuple[str, str]] = {
    WarningCode.NAME_LIKE: (
        "Sieht aus wie ein Name. Bitte entfernen: das Aktenzeichen führt zur Person.",
        "Looks like a name. Take it out: the case reference leads to the person.",
    ),
    WarningCode.PHONE_LIKE: (
        "Sieht aus wie eine Telefonnummer. Bitte entfernen und auf anderem Weg mitteilen.",
        "Looks like a telephone number. Take it out and tell it by other means.",
    ),
    WarningCode.MAIL_LIKE: (
        "Sieht aus wie eine E-Mail-Adresse. Bitte entfernen.",
        "Looks like a mail address. Take it out.",
    ),
    WarningCode.DATE_OF_BIRTH_LIKE: (
        "Sieht aus wie ein Geburtsdatum. Bitte entfernen: das Alter steht in Altersgruppen.",
        "Looks like a date of birth. Take it out: ages are told in bands.",
    ),
    WarningCode.ADDRESS_LIKE: (
        "Sieht aus wie eine Anschrift. Bitte in das geschützte Adressfeld eintragen.",
        "Looks like an address. Enter it in the sealed address of the pick-up.",
    ),
    WarningCode.DIAGNOSIS_LIKE: (
        "Sieht aus wie eine Angabe zur Gesundheit. Bitte entfernen: Bedarf wird mit Kennungen angegeben.",
        "Looks like a statement about health. Take it out: needs are told as codes.",
    ),
}
"""Each in German and English, with what to do."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class TextWarning:
    """Where a text may give something away: from ``start`` (0 is the first character) up to, not including, ``end``."""

    start: int
    end: int
    code: WarningCode

    @property
    def german(self) -> str:
        """What it is and what to do, in German."""
        return TEXTS[self.code][0]

    @property
    def english(self) -> str:
        """The same in English."""
        return TEXTS[self.code][1]


_CAPITAL = r"[A-ZÄÖÜ][a-zäöüßéèáíóúçğışñ]+"
_NAME = rf"{_CAPITAL}(?:-{_CAPITAL})?"
# After a form of address a name follows, unless it is what somebody is.
_NO_NAMES = (
    r"Ärzt\w+|Arzt|Dolmetscher\w*|Kolleg\w+|Fahrer\w*|Betreuer\w*|Sachbearbeiter\w*|Leiter\w*|Dienststell\w*|Kind\w*|"
    r"Begleit\w+|Beamt\w+|Pflege\w*|Sozial\w+|Richter\w*|Vormund\w*|Bundespolizei|Polizei\w*|Person\w*|Frauen|Herren|"
    r"Familie\w*|Einrichtung\w*|Heimleitung|Kraft|Wache|Ausländerbehörde|Zentrale"
)
_OFFICES = r"BAMF|ABH|ZAB|ZFA|ZRK|LEA|EAE|ZUE|OVG|BVERFG|BVERWG|BPOL|JVA|MKJFGFI|LTRAKO|UNHCR|EUAA"
_TITLES = r"Herrn?|Hr\.|Frau|Fr\.|Familie|Fam\.|Eheleute|Dr\.(?: ?med\.)?|Prof\.|Mr\.?|Mrs\.?|Ms\.?"
_NO_NAME = rf"(?!(?:{_NO_NAMES})\b)"
_BEFORE = r"(?:(?:van|von|de|al|el|ben|bin|abu) )*(?:al-|el-)?"
_NAMED = (
    rf"\b(?:{_TITLES})(?: (?:Dr|Prof)\.)? {_NO_NAME}{_BEFORE}{_NAME}(?: {_NO_NAME}{_NAME})?",
    # "Name: X", "heißt X", "genannt X"
    rf"\b(?:[Vv]orname|[Nn]achname|[Ff]amilienname|[Nn]ame|[Hh]eißt|[Gg]enannt|alias)(?: ist)?:? {_NAME}(?: {_NAME})?",
    # "MUSTERMANN, Erika": a surname and a first name as in files; "BAMF, Zustimmung vom …" is an office and its letter
    rf"\b(?!(?:{_OFFICES}),)[A-ZÄÖÜ][A-ZÄÖÜß-]{{2,}}, {_NAME}\b",
)
_FIRST_NAMES = (
    r"Ahmad|Ahmed|Aisha|Alexander|Ali|Amir|Amina|Andreas|Anna|Arben|Besnik|Christian|Daniel|David|Dragan|Elena|Emina|"
    r"Erika|Fatima|Fatma|Goran|Hamid|Hans|Hasan|Hassan|Hussein|Ibrahim|Igor|Ivan|Jamal|Jan|Karim|Khaled|Khalid|Laila|"
    r"Layla|Leila|Maria|Mariam|Markus|Maryam|Max|Mehmet|Michael|Milan|Mohamad|Mohamed|Mohammad|Mohammed|Muhammad|"
    r"Mustafa|Nadia|Natalia|Nikola|Nour|Olga|Omar|Osman|Peter|Petra|Rahim|Reza|Sabine|Said|Samir|Sara|Sarah|Sergej|"
    r"Stefan|Svetlana|Tatjana|Thomas|Vladimir|Yasmin|Youssef|Yusuf|Zahra|Zainab"
)
"""Frequent first names: with a capitalised word after them they are somebody."""
_FULL = rf"\b(?:{_FIRST_NAMES}) {_NO_NAME}{_NAME}\b"

_CALLED = r"[Tt]el|[Tt]elefon|[Mm]obil|[Hh]andy|[Ff]on|[Rr]uf(?:nummer)?|[Dd]urchwahl"
_PHONE = (
    # An international or a trunk prefix, then at least six more digits in groups.
    r"(?<![\w/.-])(?:\+|00)[1-9]\d(?:[ /()-]{0,2}\d){7,13}(?![\w/])",
    r"(?<![\w/.:-])\(?0[1-9]\d{1,4}\)?[ /-]{0,3}\d(?:[ -]?\d){4,9}(?![\w/.:]\w)(?!\w)",
    rf"\b(?:{_CALLED})\w{{0,6}}[.:]{{0,2}} ?[+(]?\d[\d /()-]{{3,}}",
)
_MAIL = (r"[\w.+-]+ ?(?:@|\(at\)|\[at\]) ?[\w-]+(?:\.[\w-]+)+",)
_MONTHS = r"Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember"
_BORN = r"\b(?:geb\.?|geboren(?:e[rs]?)?|Geburtsdatum|Geburtstag|Jahrgang|Jg\.|born|GebDat|\*)"
_DAY = rf"\d{{1,2}}\. ?(?:\d{{1,2}}\. ?|(?:{_MONTHS}) )"
_BIRTH = (
    rf"{_BORN}(?: am)?:? ?(?:{_DAY}(?:19|20)?\d{{2}}|(?:19|20)\d{{2}}(?:-\d\d-\d\d)?)",
    # A whole date of the last century, or of its first years: measures lie in the present.
    rf"(?<!\d){_DAY}(?:19\d{{2}}|200\d|201\d)(?!\d)",
    r"(?<!\d)(?:19\d{2}|200\d|201\d)-\d{2}-\d{2}(?!\d)",
)
_NO_NUMBER = r"(?! ?[a-z]\w)(?![\w.:]\w)(?! ?(?:Uhr|h|[Mm]in\w*|km|m|Meter|Stunden|Personen)\b)"
"""What follows is no number of a house but a time, a distance or a count."""
_NO_STREET = r"(?!Parkplatz|Stellplatz|Sitzplatz|Platz|Um\w|Rück\w|Hin\w|Fußweg|Anfahrt)"
_STREET = r"(?:straße|strasse|str\.|weg|allee|platz|gasse|ring|damm|ufer|chaussee|steig|pfad)"
_TO_IT = r"(?:[A-ZÄÖÜ][\wäöüß]+er |Am |An der |Auf der |Auf dem |Im |In der |Zum |Zur )(?:[A-ZÄÖÜ][\wäöüß-]+ )?"
_OF_IT = r"(?:Straße|Str\.|Weg|Allee|Platz|Gasse|Ring|Damm|Ufer|Berg|Feld|Hof|Markt)"
_NUMBER = rf" \d{{1,4}}(?: ?[a-z]\b)?{_NO_NUMBER}"
_ADDRESS = (
    # A street with a number; without one it is a place to ring or to stop.
    rf"\b{_NO_STREET}[A-ZÄÖÜ][\wäöüß.-]*{_STREET}{_NUMBER}",
    rf"\b{_TO_IT}{_OF_IT}{_NUMBER}",
    # A postal code with its town.
    r"(?<![\d/-])(?:0[1-9]|[1-9]\d)\d{3} (?!Euro|EUR|Meter|Kilometer|Stück)[A-ZÄÖÜ][a-zäöüß]{2,}",
)
_ICD = r"(?<![\w-])(?:ICD(?:-10)?:? ?)?[A-TV-Z]\d{2}\.\d{1,2}(?![\w.])|\bICD(?:-10)?:? ?[A-TV-Z]\d{2}(?:\.\d{1,2})?\b"
_MEDICAL_STEMS = (
    r"schizophren|psychos|psychot|psychiatr|psychisch|depressi|suizid|selbstmord|traumatis|posttraumat|borderline|"
    r"epilep|diabet|insulin|tuberkul|hepatitis|\bhiv\b|\baids\b|krebs(?!gang)|karzinom|tumor|metasta|leukäm|lymphom|"
    r"chemotherap|dialys|herzinfarkt|schlaganfall|herzinsuffiz|herzkrank|bluthochdruck|hyperton|asthma|\bcopd\b|"
    r"schwanger|entbindung|fehlgeburt|demen[tz]|alzheimer|parkinson|multiple sklerose|querschnitt|gelähmt|lähmung|"
    r"amputiert|covid|corona(?:virus|infekt)|sars-cov|krätze|scabies|skabies|syphilis|malaria|drogenabhäng|drogensucht|"
    r"alkoholabhäng|alkoholkrank|alkoholiker|suchtkrank|heroin|methadon|substituier|substitution|opiat|entzugs|"
    r"\bptbs\b|\bptsd\b|\badhs\b|autis|geistig behindert|lernbehinder|intelligenzminder|trisomie|down-syndrom|"
    r"angststörung|panikattack|zwangsstörung|essstörung|magersucht|anorex|bulimi|persönlichkeitsstörung|"
    r"diagnos|erkrank|krankheit|\bkrank\b|\bleidet an\b|\bleiden an\b|infektiös|infektion|ansteckend|operiert|"
    r"medikament|tabletten|antidepress|neurolept|antibioti|\bmorphin|\bfentanyl|\btilidin|\btramadol|\bdiazepam|"
    r"\blorazepam|\btavor\b|\bquetiapin|\brisperidon|\bolanzapin|\bsertralin|\bcitalopram|\bmirtazapin|\bibuprofen|"
    r"\bmetformin|\bmarcumar|\bramipril|bandscheib|niereninsuff|nierenversag|leberzirrh|anfall\w*leid|krampfanf|ohnmacht|"
    r"schizo|manisch|bipolar|wahnvorstell|halluzin|paranoi|selbstverletz|ritzt sich"
)
_MEDICAL = (rf"\w*(?:{_MEDICAL_STEMS})\w*",)
_CASED: tuple[tuple[WarningCode, re.Pattern[str]], ...] = tuple(
    (code, re.compile(pattern))
    for code, patterns in (
        (WarningCode.NAME_LIKE, (*_NAMED, _FULL)),
        (WarningCode.PHONE_LIKE, _PHONE),
        (WarningCode.MAIL_LIKE, _MAIL),
        (WarningCode.DATE_OF_BIRTH_LIKE, _BIRTH),
        (WarningCode.ADDRESS_LIKE, _ADDRESS),
        (WarningCode.DIAGNOSIS_LIKE, (_ICD,)),
    )
    for pattern in patterns
)
_UNCASED = tuple((WarningCode.DIAGNOSIS_LIKE, re.compile(pattern, re.IGNORECASE)) for pattern in _MEDICAL)


def warnings(text: str) -> tuple[TextWarning, ...]:
    """Return what a text may give away, from its begin to its end; nothing for an empty one.

    Of places of one kind that overlap one warning is given, about all of it.
    """
    found: dict[WarningCode, list[tuple[int, int]]] = {}
    for code, start, end in sorted(_places(text)):
        known = found.setdefault(code, [])
        if known and start < known[-1][1]:
            known[-1] = (known[-1][0], max(end, known[-1][1]))
        else:
            known.append((start, end))
    return tuple(
        sorted(TextWarning(start=start, end=end, code=code) for code, known in found.items() for start, end in known)
    )


def _places(text: str) -> Iterator[tuple[WarningCode, int, int]]:
    for code, pattern in (*_CASED, *_UNCASED):
        for match in pattern.finditer(text):
            if match.end() > match.start():
                yield code, match.start(), match.end()
