"""What the server says to a participant where something could not be done, in the language of her page.

The sentences are raised in English, where they belong; here is what they are called elsewhere.
"""

from __future__ import annotations

_GERMAN = {
    "A JSON object was expected.": "Die Anfrage hat nicht die erwartete Form.",
    "A list of events was expected.": "Die Anfrage hat nicht die erwartete Form.",
    "The step is missing.": "Der Schritt fehlt.",
    "This is more than one step can hold.": "Das ist mehr, als ein Schritt fassen kann.",
    "This is more than one event can hold.": "Das ist mehr, als ein Schritt fassen kann.",
    "There is no event of this kind.": "Ein solches Ereignis gibt es nicht.",
    "Open the study's link again to go on.": "Öffnen Sie den Link der Studie noch einmal, um weiterzumachen.",
    "Taking part needs cookies: allow them for this site, and open the link again.": "Die Teilnahme braucht Cookies: "
    "Erlauben Sie sie für diese Seite, und öffnen Sie den Link noch einmal.",
    "This is not part of your own study.": "Das gehört nicht zu Ihrer Studie.",
    "This comes after your answer.": "Das kommt nach Ihrer Antwort.",
    "There is no such picture in the instructions.": "Dieses Bild gibt es in der Anleitung nicht.",
    "There is no study at this address.": "Unter dieser Adresse gibt es keine Studie.",
    "There is no participant with this id.": "Diese Teilnahme gibt es nicht.",
    "There is no session with this id.": "Diese Sitzung gibt es nicht mehr.",
    "You have left the study; nothing more is kept.": "Sie haben die Studie verlassen; es wird nichts mehr "
    "gespeichert.",
    "You have begun already; to leave, withdraw.": "Sie haben schon begonnen; um auszusteigen, widerrufen Sie.",
    "This code is not yours. Nothing was erased.": "Dieser Code ist nicht Ihrer. Nichts wurde gelöscht.",
    "This code is not known here. Nothing was erased.": "Diesen Code gibt es hier nicht. Nichts wurde gelöscht.",
    "The same id was sent before, for another answer.": "Unter dieser Kennung kam schon eine andere Antwort.",
    "The same id was sent before, for another edit.": "Unter dieser Kennung kam schon eine andere Änderung.",
    "This step was answered already, perhaps in another tab.": "Dieser Schritt ist schon beantwortet, vielleicht in "
    "einem anderen Tab.",
    "This trial is over, perhaps in another tab.": "Diese Aufgabe ist vorbei, vielleicht in einem anderen Tab.",
    "Taking part needs your consent.": "Die Teilnahme braucht Ihre Einwilligung.",
    "There is nothing to answer.": "Hier gibt es nichts zu beantworten.",
    "How sure you are is a whole number from 1 to 5.": "Wie sicher Sie sind, ist eine ganze Zahl von 1 bis 5.",
    "You have marked more of the picture than you may.": "Sie haben mehr vom Bild markiert, als Sie dürfen.",
    "Choose one of the answers offered.": "Wählen Sie eine der angebotenen Antworten.",
    "Say whether its answer will change.": "Sagen Sie, ob sich die Antwort ändern wird.",
    "Say how sure you are.": "Sagen Sie, wie sicher Sie sind.",
    "Choose one of the two, or neither.": "Wählen Sie eines der beiden, oder keines.",
    "This question needs an answer.": "Diese Frage braucht eine Antwort.",
    "This is none of the steps.": "Diese Stufe gibt es nicht.",
    "A whole number is needed.": "Hier gehört eine ganze Zahl hin.",
    "A number is needed.": "Hier gehört eine Zahl hin.",
    "This number is outside of what is asked.": "Diese Zahl liegt außerhalb dessen, was gefragt ist.",
    "This is none of the options.": "Diese Möglichkeit gibt es nicht.",
    "No removals are left. Undo one, or go on.": "Sie können nichts mehr entfernen. Nehmen Sie etwas zurück, oder "
    "machen Sie weiter.",
    "Time is over; what you did is kept.": "Die Zeit ist um; was Sie getan haben, ist gespeichert.",
    "This way to remove is not part of the trial.": "So zu entfernen gehört nicht zu dieser Aufgabe.",
    "Nothing can be removed in this trial.": "In dieser Aufgabe wird nichts entfernt.",
    "This step does not belong to the trial.": "Dieser Schritt gehört nicht zu der Aufgabe.",
    "The step this edit starts from does not belong to the session.": "Dieser Schritt gehört nicht zu der Aufgabe.",
    "The region holds no pixel of the picture, so nothing was changed.": "Der Bereich liegt nicht im Bild; nichts "
    "wurde geändert.",
    "A shape lies too far outside the picture.": "Eine Form liegt zu weit außerhalb des Bildes.",
    "The server's disk is full; nothing was saved.": "Der Speicher des Servers ist voll; nichts wurde gespeichert.",
    "The database is busy; nothing was saved. Try again in a moment.": "Der Server ist gerade beschäftigt; nichts "
    "wurde gespeichert.",
    "The database could not do this; nothing was saved.": "Der Server konnte das nicht ausführen; nichts wurde "
    "gespeichert.",
    "This request came from another site.": "Diese Anfrage kam von einer anderen Seite.",
}
_ELSEWHERE = {"de": _GERMAN}
# A sentence with something in it that is not foreseen here is better read in English than not at all.
_UNKNOWN = {"de": "Das ging nicht ({sentence})"}


def in_language(sentence: str, language: str) -> str:
    """A sentence that was raised, in ``language``; in English where the language is not known."""
    known = _ELSEWHERE.get(language)
    if known is None:
        return sentence
    return known.get(sentence, _UNKNOWN[language].format(sentence=sentence))
