"""What problems say in detail, in German: beside what their code is called (``api.texts_problems``)."""

from __future__ import annotations

from collections.abc import Mapping

from api.fault_texts.details_offices import OFFICES, US

_ASKING: Mapping[str, str] = {
    "Expected the id of a request, or its last 4 to 12 characters.": (
        "Erwartet wird die Kennung einer Anfrage, oder ihre letzten 4 bis 12 Zeichen."
    ),
    "Several requests end so. Give more characters of the id.": "Mehrere Anfragen enden so. Geben Sie mehr Zeichen an.",
    "Several duties have this code. Give the id.": "Mehrere Dienste heißen so. Geben Sie die Kennung an.",
    "Expected {} that you may see, found none. Check the id, and that it is yours to see.": (
        "Unter dieser Kennung gibt es nichts, das Sie sehen dürfen."
    ),
    "Expected a day, as 2026-10-05.": "Erwartet wird ein Tag, wie 2026-10-05.",
    "Say what you want to decide.": "Sagen Sie, was Sie entscheiden wollen.",
    "Say what you want to record.": "Sagen Sie, was Sie festhalten wollen.",
    "Say whose calendar you want.": "Sagen Sie, wessen Kalender Sie sehen wollen.",
    "Choose a file.": "Wählen Sie eine Datei.",
    "Say why you read the addresses: it is logged.": "Nennen Sie den Zweck des Lesens: Er wird protokolliert.",
    "Say why you read the address: it is logged.": "Nennen Sie den Zweck des Lesens: Er wird protokolliert.",
    "The form has no key. Open the page anew.": "Das Formular hat keinen Schlüssel. Öffnen Sie die Seite neu.",
    "Set a password of your own first.": "Setzen Sie zuerst ein eigenes Kennwort.",
    "This page is for other roles.": "Diese Seite ist für andere Rollen.",
    "Expected {} or {}.": "Erwartet wird {} oder {}.",
    "{} of {} rows are refused, {} faults in all.{} Nothing was stored. Mend them and send the file again, or send it "
    "with partial=true.": "{0} von {1} Zeilen wurden abgelehnt, im Ganzen {2} Fehler. Es wurde nichts gespeichert.",
    "Expected Content-Type text/csv or application/json.": "Erwartet wird CSV oder JSON.",
    "Expected Content-Type application/json.": "Erwartet wird JSON.",
    "Expected at most {} bytes. Send the file in parts.": "Höchstens {} Byte. Senden Sie die Datei in Teilen.",
    "No such Bezirk. Send the first digits of an AGS, or a ZAB.": (
        "Diesen Bezirk gibt es nicht. Gefragt sind die ersten Ziffern eines AGS, oder eine ZAB."
    ),
    "Expected days that are not over. Ask for today or later.": ("Diese Tage sind vorbei. Planen Sie ab heute."),
    "The months do not fit.": "Die Monate passen nicht.",
    "The days do not fit. Mend what 'errors' names.": "Die Tage passen nicht.",
    "Expected {}. Nothing was changed.": "Eine Angabe passt nicht. Es wurde nichts geändert.",
    "Expected a coded reason for {}. Send one of: {}.": "Für „{0}“ fehlt der Grund.",
    "The reason is not complete. Mend what 'errors' names.": "Der Grund ist nicht vollständig.",
    "The request was not stored. Mend what 'errors' names and send it again.": "Die Anfrage wurde nicht gespeichert.",
    "{}; nothing was stored. Mend what 'errors' names and send it again.": "Es wurde nichts gespeichert.",
    "Nothing was stored. Mend what 'errors' names.": "Es wurde nichts gespeichert.",
    "Nothing was recorded. Mend what 'errors' names.": "Es wurde nichts festgehalten.",
    "Nothing was made. Mend what 'errors' names.": "Es wurde nichts angelegt.",
    "No case was opened. Mend what 'errors' names.": "Es wurde kein Fall eröffnet.",
    "Nobody was entered. Mend what 'errors' names.": "Niemand wurde eingetragen.",
    "What is offered cannot be. Mend what 'errors' names.": "Was angeboten wird, ist so nicht möglich.",
    "The address is not called. Mend what 'errors' names.": "Die Adresse wird nicht aufgerufen.",
    "Expected at most {} days, got {}. Ask for fewer.": "Höchstens {} Tage, gefragt waren {}.",
    "Expected a name of 1 to {} characters.": "Gefragt ist ein Name von 1 bis {} Zeichen.",
    "Expected at most {} filters. Delete one first.": "Höchstens {} Filter. Löschen Sie zuerst einen.",
    "Expected at most {} endpoints, there are {}. Delete one first.": (
        "Höchstens {} Empfänger, da sind {}. Löschen Sie zuerst einen."
    ),
    "Expected an outcome that this kind of task has.": "Dieses Ergebnis gibt es bei solchen Aufgaben nicht.",
    "The cursor is not one of this list. Begin without `after`.": (
        "Diese Seite der Liste gibt es nicht. Beginnen Sie vorn."
    ),
}
_WHO: Mapping[str, str] = {
    "There is no identity provider here. Leave subject out: it gets a password.": (
        "Hier gibt es keinen Anmeldedienst. Lassen Sie die Kennung weg: Das Konto bekommt ein Kennwort."
    ),
    "There is no identity provider here. Leave subject out: the account keeps its password.": (
        "Hier gibt es keinen Anmeldedienst. Das Konto behält sein Kennwort."
    ),
    "Another account has this subject. Look which one, or mend the subject.": (
        "Ein anderes Konto hat diese Kennung. Sehen Sie nach, welches, oder berichtigen Sie die Kennung."
    ),
    "There is no identity provider to sign in at here. Sign in with a password.": (
        "Hier gibt es keinen Anmeldedienst. Melden Sie sich mit Kennwort an."
    ),
    "There is no identity provider here, so no bearer tokens. Send an API key.": "Hier gibt es keinen Anmeldedienst.",
    "The identity provider cannot be reached. Try again in a moment.": "Der Anmeldedienst ist nicht zu erreichen.",
    "The identity provider knows you, but there is no active account for you here. Ask your admin.": (
        "Der Anmeldedienst kennt Sie, hier gibt es aber kein aktives Konto für Sie. Fragen Sie Ihre Verwaltung der "
        "Konten."
    ),
    "The identity provider knows you, but there is no active account for you here. Ask your admin for one.": (
        "Der Anmeldedienst kennt Sie, hier gibt es aber kein aktives Konto für Sie. Fragen Sie Ihre Verwaltung der "
        "Konten."
    ),
    "{} Begin again at /v1/sign-in/provider.": "Die Anmeldung ist nicht gelungen. Beginnen Sie noch einmal.",
    "Expected the role admin, you have {}.": "Das darf nur die Verwaltung der Konten; Ihre Rolle ist {}.",
    "Expected one of the roles {}, you have {}.": "Das dürfen die Rollen {}; Ihre Rolle ist {}.",
    "Accounts with a password are switched off here. Sign in at the identity provider.": (
        "Konten mit Kennwort sind hier abgeschaltet. Melden Sie sich beim Anmeldedienst an."
    ),
    "Login or password are wrong, or the account is inactive or, after too many attempts, locked for {} minutes. Check "
    "both, then ask your admin.": (
        "Name oder Kennwort sind falsch, oder das Konto ist abgeschaltet oder nach zu vielen Versuchen für {} Minuten "
        "gesperrt."
    ),
    "Nothing was changed. Choose a password that is not the present one.": (
        "Es wurde nichts geändert. Wählen Sie ein anderes Kennwort als das jetzige."
    ),
    "Nothing was changed. Send the password that you sign in with.": (
        "Es wurde nichts geändert. Geben Sie das Kennwort an, mit dem Sie sich anmelden."
    ),
    "The password is not kept. Choose a longer one: several words are good.": (
        "Das Kennwort wird nicht angenommen. Wählen Sie ein längeres: Mehrere Wörter sind gut."
    ),
    "Your account has no password: you sign in at the identity provider. Change it there.": (
        "Ihr Konto hat kein Kennwort: Sie melden sich beim Anmeldedienst an. Ändern Sie es dort."
    ),
    "This account has no password: it signs in at the identity provider. Change the password there.": (
        "Dieses Konto hat kein Kennwort: Es meldet sich beim Anmeldedienst an. Das Kennwort wird dort geändert."
    ),
    "Somebody else gave you your password. Set one of your own at /v1/me/password; until then nothing else is "
    "answered.": "Ihr Kennwort kommt von jemand anderem. Setzen Sie zuerst ein eigenes.",
    "The organisation is inactive. Make it active first.": "Die Stelle ist abgeschaltet. Schalten Sie sie zuerst ein.",
    "The account is inactive. Make it active first.": "Das Konto ist abgeschaltet. Schalten Sie es zuerst ein.",
    "Nobody could sign in to this account. Give it a password, or its subject at the identity provider.": (
        "Mit diesem Konto könnte sich niemand anmelden. Geben Sie ihm ein Kennwort oder die Kennung beim Anmeldedienst."
    ),
    "The role does not fit the kind of the organisation. Choose one that does.": (
        "Die Rolle passt nicht zur Art der Stelle."
    ),
    "Nothing was changed: nobody could administer any more. Make another admin first.": (
        "Es wurde nichts geändert: Niemand könnte mehr verwalten. Richten Sie zuerst ein anderes Konto dafür ein."
    ),
    "An organisation with this code exists already. Choose another code, or change that one.": (
        "Eine Stelle mit diesem Kürzel gibt es schon."
    ),
    "An account with this login or this subject exists already. Choose another, or change it.": (
        "Ein Konto mit diesem Namen oder dieser Kennung gibt es schon."
    ),
    "The key is not made. Choose another end.": "Der Schlüssel wurde nicht angelegt. Wählen Sie ein anderes Ende.",
    "You may make keys for accounts of your own organisation only. Whoever has the account makes its keys.": (
        "Schlüssel können Sie nur für Konten Ihrer eigenen Stelle anlegen."
    ),
    "This notice is about your own account: a colleague of your organisation settles it.": (
        "Dieser Hinweis betrifft Ihr eigenes Konto: Jemand anderes aus Ihrer Stelle erledigt ihn."
    ),
    "You are not signed in, or no longer. Sign in, or send a bearer token or an API key.": "Melden Sie sich an.",
    "Expected one header Authorization, got several. Send one.": "Die Anmeldung dieses Aufrufs ist nicht eindeutig.",
    "Expected the header Authorization to be `Bearer …` or `ApiKey …`. Mend it, or leave it out.": (
        "Die Anmeldung dieses Aufrufs lässt sich nicht lesen."
    ),
    "The API key is unknown, expired or revoked, or its account is inactive. Make a new one.": (
        "Der Schlüssel ist unbekannt, abgelaufen oder widerrufen, oder sein Konto ist abgeschaltet."
    ),
    "The bearer token is refused: {}. Get a new one from your identity provider.": (
        "Die Anmeldung wird nicht angenommen."
    ),
    "Nothing was changed: the call does not come from a page of this service. Open the page and try again, or call "
    "with a bearer token or an API key.": "Es wurde nichts geändert: Der Aufruf kam von einer anderen Seite.",
}
_STANDING: Mapping[str, str] = {
    "The request is {}; {} is not possible there.{} Read it again, then choose one of: {}.": (
        "Die Anfrage steht auf „{0}“; „{1}“ ist dort nicht möglich."
    ),
    "In state {} your role may not {}. Ask whoever may.": "Im Stand „{}“ darf Ihre Rolle nicht „{}“.",
    "The request is {}: no address is needed any more.": (
        "Die Anfrage steht auf „{}“: Eine Adresse braucht es nicht mehr."
    ),
    "The request is {}: no rule need be lifted any more.": (
        "Die Anfrage steht auf „{}“: Eine Regel muss nicht mehr ausgesetzt werden."
    ),
    "The request is {}: its gates are as they were.": (
        "Die Anfrage steht auf „{}“: Ihre Voraussetzungen bleiben, wie sie waren."
    ),
    "The request is {}: only the owner of a stopped one may ask to lift the stop.": (
        "Die Anfrage steht auf „{}“: Nur bei einer gestoppten kann ihre ABH bitten, den Stopp aufzuheben."
    ),
    "The request is {}: there is no transfer left that could be taken over.": (
        "Die Anfrage steht auf „{}“: Es gibt keine Überstellung mehr, die übernommen werden könnte."
    ),
    "The request is {}: nothing is decided about its clearances any more.": (
        "Die Anfrage steht auf „{}“: Über ihre Genehmigungen wird nicht mehr entschieden."
    ),
    "The request is {}. A draft states needs_medical_reception itself; after the trip nothing is asked for.": (
        "Die Anfrage steht auf „{}“. Ein Entwurf nennt den Bedarf selbst; nach der Fahrt wird nichts mehr beantragt."
    ),
    "The request was declined {}": (
        "Die Anfrage wurde abgelehnt. Entweder berichtigt zuerst die ABH die Angaben, oder Leitung und LTraKo klären."
    ),
    "The request has no deadline. Enter it with its regime and source first.": (
        "Die Anfrage hat keine Frist. Tragen Sie sie zuerst mit Rechtsgrundlage und Quelle ein."
    ),
    "The request was changed since this was asked for. Look at it, and ask for it anew.": (
        "Die Anfrage wurde seither geändert. Sehen Sie sie an, und fragen Sie neu."
    ),
    "This request cannot be amended as it stands now.": "So, wie sie steht, lässt sich die Anfrage nicht ändern.",
    "This case is open already for this pick-up: request {}. Amend or cancel that one.": (
        "Dieser Fall ist für diese Abholung schon offen. Ändern Sie jene Anfrage, oder ziehen Sie sie zurück."
    ),
    "Nobody was asked. Name one of the five ZABs by its code.": "Niemand wurde gefragt. Nennen Sie eine der fünf ZAB.",
    "Another ZAB was asked: only that one may {}.": "Gefragt wurde eine andere ZAB: Nur sie darf „{}“.",
    "Another ZAB declined it: its lead or the LTraKo settles that.": (
        "Abgelehnt hat eine andere ZAB: Das klären deren Leitung oder die LTraKo."
    ),
    "Your ZAB was never asked about it: its owner or the LTraKo may {}.": (
        "Ihre ZAB wurde nie gefragt: „{}“ dürfen ihre ABH oder die LTraKo."
    ),
    "The decree names the ZAB for this transfer: it rejects for itself, with a coded reason. Without an answer in time "
    "the request goes into the pool by itself.": (
        "Für diese Überstellung nennt der Erlass die ZAB: Sie lehnt selbst ab, mit Grund. Ohne rechtzeitige Antwort "
        "geht "
        "die Anfrage von selbst in den Pool."
    ),
    "It is on that day already. Name another one.": "Sie liegt schon an diesem Tag.",
    "The hand-over of this request is past: amend its windows before you enter an address.": (
        "Die Übergabe liegt in der Vergangenheit: Ändern Sie zuerst die Zeitfenster."
    ),
    "No key opens this address. Operators look at the setting address_keys.": (
        "Kein Schlüssel öffnet diese Adresse. Der Betrieb sieht nach den Schlüsseln der Adressen."
    ),
    "A precondition of the measure is missing: {}. {}": "Eine Voraussetzung der Maßnahme fehlt.",
    "The gate {} {}. Nothing was lifted.": "Diese Voraussetzung lässt sich nicht aussetzen. Es wurde nichts geändert.",
    "What is missing is the owner's to say: only its people may lift a gate.": (
        "Was fehlt, muss die ABH sagen: Nur sie darf eine Voraussetzung aussetzen."
    ),
    "This rule cannot be lifted. Nothing was asked for.": "Diese Regel lässt sich nicht aussetzen.",
    "This rule is lifted for this request already.": "Diese Regel ist für diese Anfrage schon ausgesetzt.",
    "This was asked for already, and waits for a second person: {}.": (
        "Darum wurde schon gebeten; es wartet auf eine zweite Person."
    ),
    "You asked for it: another person of your organisation must agree.": (
        "Sie haben selbst darum gebeten: Jemand anderes aus Ihrer Stelle muss zustimmen."
    ),
    "You asked for it: withdraw it instead.": "Sie haben selbst darum gebeten: Nehmen Sie es zurück.",
    "Somebody else asked for it: refuse it instead.": "Jemand anderes hat darum gebeten: Stimmen Sie nicht zu.",
    "Expected a second person whose role may do this itself. Ask somebody else.": (
        "Die zweite Person muss das selbst dürfen. Bitten Sie jemand anderen."
    ),
    "{} needs a second person of your organisation to agree.": "„{}“ braucht eine zweite Person Ihrer Stelle.",
    "Another person than the one who asks must agree.": "Zustimmen muss jemand anderes als wer darum bittet.",
    "It was {} meanwhile. Nothing more can be done about it.": "Darüber wurde inzwischen entschieden.",
    "It could be agreed to until {}. Ask for it anew.": "Zugestimmt werden konnte bis {}. Bitten Sie neu darum.",
    "The task is {}, with {}. There is nothing left to do.": "Die Aufgabe ist schon erledigt.",
    "This task is done by deciding what it asks for: take the Amtshilfe case over, or decline it.": (
        "Diese Aufgabe erledigt, wer den Amtshilfefall übernimmt oder ablehnt."
    ),
}
_TRIPS: Mapping[str, str] = {
    "Expected a duty only where it is asked why not there. Leave it out.": (
        "Ein Dienst gehört nur zur Frage, warum nicht dort. Lassen Sie ihn weg."
    ),
    "The request is {}: nobody looks for a place for it now.": (
        "Die Anfrage steht auf „{}“: Zurzeit sucht niemand einen Platz für sie."
    ),
    "Only of a request with a proposal that waits for an answer. Ask why not.": (
        "Das geht nur, wo ein Vorschlag auf Antwort wartet. Fragen Sie, warum nicht."
    ),
    "The proposal is {} since {}. Read it again, and look for the request's live proposal.": (
        "Der Vorschlag gilt seit {1} nicht mehr. Suchen Sie den neuen Vorschlag der Anfrage."
    ),
    "As things stand today the trip breaks: {}. {}": "So, wie es heute steht, geht die Fahrt nicht:",
    "Nothing was stored: {}. See 'violations'; change the times, or choose another duty.": (
        "Es wurde nichts gespeichert. Ändern Sie die Zeiten, oder wählen Sie einen anderen Dienst."
    ),
    "The condition was to be met by {}: the promise lapses, and the request is matched again.": (
        "Die Bedingung sollte bis {} erfüllt sein: Die Zusage verfällt, und die Anfrage wird neu vermittelt."
    ),
    "The pick-up is at {}: {} is possible from {}. Note it then.": "Die Abholung ist um {0}: „{1}“ geht ab {2}.",
    "The trip is not pinned to its duty: there is nothing to release.": (
        "Die Fahrt ist nicht von Hand zugewiesen: Es gibt nichts zu lösen."
    ),
    "An answer was needed by {}: the proposal expires, and the request is matched again.": (
        "Die Antwort war bis {} nötig: Der Vorschlag verfällt, und die Anfrage wird neu vermittelt."
    ),
    "The pick-up was at {}: the trip can no longer be promised.": (
        "Die Abholung war um {}: Die Fahrt kann nicht mehr zugesagt werden."
    ),
    "Another proposal was the last one declined. Return that decline, or settle the request.": (
        "Zuletzt wurde ein anderer Vorschlag abgelehnt. Geben Sie jene Ablehnung zurück, oder klären Sie die Anfrage."
    ),
    "The pick-up that was offered lies in the past. Refuse it to have it matched again.": (
        "Die angebotene Abholung liegt in der Vergangenheit. Lehnen Sie ab, damit neu vermittelt wird."
    ),
    "The hand-over must come after the pick-up. Turn the times round.": "Die Übergabe muss nach der Abholung liegen.",
    "No pick-up can lie before that hand-over, nor a hand-over after that pick-up.": (
        "Vor dieser Übergabe kann keine Abholung liegen, und nach dieser Abholung keine Übergabe."
    ),
    "Duty {} has {} seats for riders, and at some time more would ride. Choose another duty.": (
        "Der Dienst {} hat {} Plätze, und einmal würden mehr mitfahren. Wählen Sie einen anderen Dienst."
    ),
    "The {} of duty {} is on another duty at that time. Choose another duty.": (
        "{} des Dienstes {}: zu dieser Zeit auf einem anderen Dienst. Wählen Sie einen anderen."
    ),
    "Nobody was entered: a case is open already for this pick-up. Its ABH asks your ZAB, or cancels it first.": (
        "Niemand wurde eingetragen: Ein Fall ist für diese Abholung schon offen. Seine ABH fragt Ihre ZAB, oder zieht "
        "ihn "
        "zuerst zurück."
    ),
    "Run {} of the days {} is {}. Wait for it, or stop it.": "Diese Tage plant schon ein anderer Lauf.",
    "The run is {}; it has ended.": "Die Planung ist zu Ende.",
    "No parameter set is stored. Operators run `restplatz migrate`, which stores them.": (
        "Es ist kein Regelwerk gespeichert. Nennen Sie das dem Betrieb."
    ),
    "No parameter set holds on {}. Choose days from {} on.": (
        "Am {} galt noch kein Regelwerk. Wählen Sie Tage ab dem {}."
    ),
    "Parameter set {} is stored with other values. Give the changed set a new id and date.": (
        "Das Regelwerk {} ist mit anderen Werten gespeichert."
    ),
    "Nothing was loaded: the service cannot say what this day says.": "Es wurde nichts geladen.",
}
_FLEET: Mapping[str, str] = {
    "This absence is over already: it changes nothing. Look for a slip in the date.": (
        "Diese Abwesenheit ist schon vorbei und ändert nichts. Prüfen Sie das Datum."
    ),
    "This absence is over already. It stays for the record.": (
        "Diese Abwesenheit ist schon vorbei. Sie bleibt verzeichnet."
    ),
    "Crew or vehicle carry somebody on another duty at that time. Choose another time, or another crew or vehicle.": (
        "Team oder Fahrzeug fahren zu dieser Zeit auf einem anderen Dienst. Wählen Sie eine andere Zeit, ein anderes "
        "Team "
        "oder Fahrzeug."
    ),
    "Somebody rides on this duty, or was to: it stays for the record. Withhold it instead.": (
        "Auf diesem Dienst fährt jemand mit, oder sollte es: Er bleibt verzeichnet. Bieten Sie ihn nur nicht mehr an."
    ),
    "Your ZAB has a {} with this code. Choose another one, or change the one that is there.": (
        "Diese Bezeichnung gibt es in Ihrer ZAB schon."
    ),
    "This {} {} duties with promised seats. Give these promises back first, or enter an absence, which tells those "
    "concerned.": (
        "Es gibt Dienste mit zugesagten Plätzen. Geben Sie die Zusagen zuerst zurück, oder tragen Sie eine "
        "Abwesenheit ein."
    ),
    "What a ZAB worked by in the past is not changed. Choose a day from today on.": (
        "Wonach eine ZAB früher gearbeitet hat, wird nicht geändert. Wählen Sie einen Tag ab heute."
    ),
    "Your ZAB chose a profile for this day already. Choose another day.": (
        "Für diesen Tag ist schon ein Modell gewählt."
    ),
}
DETAILS: Mapping[str, str] = {**_ASKING, **_WHO, **_STANDING, **_TRIPS, **_FLEET, **OFFICES, **US}
"""By the English text as the API tells it."""
