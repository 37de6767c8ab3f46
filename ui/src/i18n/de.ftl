# Alle Texte der Oberfläche auf Deutsch. Ein Vorgang wird geschlossen, ein Chat beendet; die beiden werden nie vertauscht.

the-agent = Die Betreuung
the-bot = Der Bot
you = Sie

chats = Chats
add-company = Kontaktcenter hinzufügen
settings = Einstellungen
no-chats = Noch keine Chats.
companies = Chat starten
start-with = Chat mit { $company } starten
snippet-from = { $name }: { $text }
snippet-own = Sie: { $text }
snippet-draft = Entwurf: { $text }
snippet-picture = Foto
snippet-file = Datei: { $file }
snippet-unsupported = { $name } hat etwas gesendet, das sich hier nicht zeigen lässt
snippet-waiting = { $count } noch zu senden
snippet-not-sent = Nicht gesendet
snippet-perhaps-sent = Vielleicht nicht angekommen
snippet-case-closed = Vorgang geschlossen
snippet-new = Neuer Chat
snippet-over-ended_by_me = Chat beendet
snippet-over-ended_by_them = Chat beendet
snippet-over-read_only = Nur zum Lesen
snippet-over-expired = Chat beendet
snippet-over-signed_out = Abgemeldet
snippet-over-signed_in_elsewhere = Anderswo angemeldet
snippet-over-lost = Lässt sich nicht fortsetzen
unread-badge = { $count } neu
unread-many = 99+

search = Suchen
search-all = Alle Chats durchsuchen
search-hint = Tippen Sie, um in allem zu suchen, was in Ihren Chats geschrieben wurde.
search-close = Suche schließen
search-clear = Suche leeren
search-nothing = Nichts gefunden zu „{ $text }“.
search-nothing-hint = Jedes Wort muss in der Nachricht stehen. Versuchen Sie es mit weniger oder anderen.
search-found = { $count ->
    [one] { $count } Nachricht
   *[other] { $count } Nachrichten
} in { $chats ->
    [one] { $chats } Chat
   *[other] { $chats } Chats
}
search-found-more = Die { $count } neuesten Nachrichten. Es gibt mehr: Ein weiteres Wort grenzt die Suche ein.
find = In diesem Chat suchen
find-at = { $at } von { $count }
find-at-more = { $at } von mehr als { $count }
find-none = Nichts gefunden
find-older = Früherer Treffer
find-newer = Späterer Treffer
find-close = Suche in diesem Chat schließen
found-gone = Diese Nachricht ist nicht mehr da.

back-to-chats = Zurück zu den Chats
more = Mehr
end-chat = Chat beenden
save-copy = Kopie speichern
copy-as-html = Als Webseite mit Bildern
copy-as-text = Als Text
copy-as-json = Als JSON, für Programme
hide-window = Fenster ausblenden
header-fresh = Neuer Chat
header-joining = Wird verbunden …
header-restoring = Der Chat wird fortgesetzt …
header-waiting-agent = Gleich ist jemand für Sie da
header-with-agent = { $name } ist für Sie da
header-with-bot = Sie sprechen mit dem Bot
header-case-closed = Vorgang geschlossen
header-ended = Chat beendet
header-read-only = Nur zum Lesen
header-waiting-connection = Warten auf eine Verbindung
header-lost = Nicht verbunden
demo-note = Beispielfirma

messages = Nachrichten
today = Heute
yesterday = Gestern
older = Frühere Nachrichten anzeigen
older-loading = Frühere Nachrichten werden geladen …
unread-line = { $count ->
    [one] { $count } neue Nachricht
   *[other] { $count } neue Nachrichten
}
jump-newest = Zum Neuesten
jump-new = { $count } neu
event-joined = { $name } ist dazugekommen, { $time }
event-left = { $name } ist gegangen, { $time }
event-case-closed = Vorgang geschlossen { $time }
event-unsupported = { $name } hat etwas gesendet, das sich hier nicht zeigen lässt, { $time }
end-by-me = Sie haben den Chat beendet, { $time }
end-by-them = { $name } hat den Chat beendet, { $time }
end-read-only = Nur zum Lesen seit { $day }
end-expired = Geschlossen am { $day }
bot = Bot
typing-one = { $name } schreibt
typing-several = Mehrere schreiben
picture-from = Foto von { $name }
picture-own = Foto von Ihnen
picture-on-card = Bild auf der Karte
picture-open = { $photo } öffnen: { $file }
picture-failed = Dieses Foto lässt sich nicht anzeigen.
picture-again = Anzeigen
picture-gone = Dieses Foto ist nicht mehr verfügbar.
file-save = { $file } speichern
file-gone = Nicht mehr verfügbar
save-as = Speichern unter…
upload-of = { $sent } von { $total }
upload-name = { $file } wird gesendet
upload-cancel = Hochladen abbrechen
local = Notiz
answers = Vorgeschlagene Antworten
answers-to = Antworten auf „{ $text }“
questions = Fragen
send-answers = Antworten senden
questions-closed = Diese Fragen sind beantwortet, oder es geht nicht mehr.
question-choose = Auswählen …
question-long = Höchstens { $count } Zeichen.
question-day = Wählen Sie einen anderen Tag.
send-choices = { $count ->
    [0] Auswählen und senden
    [one] { $count } Auswahl senden
   *[other] { $count } Auswahlen senden
}
opens-outside = öffnet außerhalb von Envoi
close = Schließen

sending = Wird gesendet …
sent-at = Gesendet { $time }
waiting = Wartet aufs Senden
not-sent = Nicht gesendet
retry = Erneut senden
delete = Löschen
unsure = Ob das angekommen ist, ließ sich nicht feststellen.
send-again = Noch einmal senden
remove = Entfernen
sending-slow = Noch nicht gesendet. Ihr Text bleibt hier, bis dieser Computer ihn aufbewahren kann.

write-to = An { $company } schreiben
write-new-case = Schreiben und einen neuen Vorgang beginnen
write-offline = Jetzt schreiben, später senden
message = Nachricht
attach = Foto anhängen
attach-file = Datei anhängen
drop-file-here = Datei hier ablegen, um sie zu senden
too-long = { $count ->
    [one] { $count } Zeichen zu lang zum Senden.
   *[other] { $count } Zeichen zu lang zum Senden.
}
file-only-pictures = { $company } nimmt nur Fotos an.
file-type = { $company } nimmt keine { $ending }-Dateien an.
file-size = Diese Datei hat { $size }. { $company } nimmt höchstens { $most } an.
send = Senden
drop-here = Foto hier ablegen, um es zu senden

closing-heading = { $name } hat diesen Vorgang geschlossen
closing-text = Sie können weiter schreiben. Ihre nächste Nachricht beginnt einen neuen Vorgang.
guard-heading = „{ $text }“ als neuen Vorgang senden?
guard-text = { $name } hat diesen geschlossen. Mit dem Senden beginnt ein neuer Vorgang bei der nächsten freien Person.
guard-text-unnamed = Dieser ist geschlossen. Mit dem Senden beginnt ein neuer Vorgang bei der nächsten freien Person.
dont-send = Nicht senden
send-anyway = Senden und neuen Vorgang beginnen
copy-saved = Gespeichert unter { $path }

## Was über dem Gespräch steht

banner = Vom Unternehmen
banner-close = Wegräumen
banner-minimise = Klein machen
banner-sent = Gesendet
banner-sent-text = Einen Moment.
banner-long = Das dauert länger als sonst. Der Chat ist noch offen.
leaving-heading = Das Gespräch wird verlassen…
leaving-text = Der Bot übernimmt gleich.
idle-label = Sind Sie noch da?
idle = Noch da? { $company } beendet diesen Chat, wenn niemand schreibt.
idle-left = Noch { $time }.
stay-on = Ich bin noch da
sign-in-label = Anmelden
sign-in = { $company } möchte wissen, wer Sie sind. Melden Sie sich im Browser an.
sign-in-open = Browser noch einmal öffnen
sign-in-copy = Adresse kopieren
sign-in-now = Anmelden
change-name = Meinen Namen ändern…
change-name-heading = Meinen Namen ändern
change-name-hint = So nennt { $company } Sie ab jetzt.
change-name-now = Diesen Namen verwenden
name-told = { $company } erfährt Ihren neuen Namen.
elsewhere-label = Dieser Chat ist anderswo geöffnet
elsewhere = Dieser Chat ist anderswo geöffnet.
go-on-here = Hier weitermachen

## Angaben zu einem Chat

chat-details = Wer hier war
details-failed = Das lässt sich gerade nicht lesen.
details-messages = Nachrichten
details-counts = { $received } erhalten, { $sent } gesendet
details-first = Erste
details-last = Letzte
details-duration = Dazwischen
details-people = Wer hier war
details-name = Name
details-from = Von
details-until = Bis
details-unknown = Nicht bekannt

over-ended_by_me-heading = Sie haben diesen Chat beendet
over-ended_by_me-text = { $stays }
over-ended_by_them-heading = Der Chat ist beendet
over-ended_by_them-text = { $name } hat ihn beendet, und Sie haben ihn verlassen. { $stays }
over-read_only-heading = Dieser Chat ist nur noch zum Lesen
over-read_only-text = { $company } bewahrt ihn zum Lesen auf. Um wieder zu schreiben, starten Sie einen neuen Chat.
over-expired-heading = In diesem Chat war es zu lange still
over-expired-text = { $company } hat ihn am { $day } geschlossen. Alles Geschriebene ist noch da.
over-signed_out-heading = Sie wurden abgemeldet
over-signed_out-text = { $company } nimmt in diesem Chat nichts mehr an. Alles bis { $time } ist noch da; ein neuer Chat beginnt mit der Anmeldung.
over-signed_in_elsewhere-heading = Sie haben sich anderswo angemeldet
over-signed_in_elsewhere-text = Dieser Chat mit { $company } geht dort weiter. Alles bis { $time } ist noch da.
over-lost-heading = Dieser Chat lässt sich nicht fortsetzen
over-lost-text = Bei { $company } ist er nicht mehr offen. Alles bis { $time } ist noch da.
start-new = Neuen Chat starten
unsent = { $count ->
    [one] { $count } Nachricht wurde nicht gesendet.
   *[other] { $count } Nachrichten wurden nicht gesendet.
}
copy-unsent = { $count ->
    [one] Kopieren
   *[other] Alle kopieren
}
copied = Kopiert.
stays-kept = Was geschrieben wurde, bleibt auf diesem Computer.
stays-days = { $days ->
    [one] Was geschrieben wurde, bleibt { $days } Tag auf diesem Computer.
   *[other] Was geschrieben wurde, bleibt { $days } Tage auf diesem Computer.
}
stays-quit = Was geschrieben wurde, bleibt hier, bis Envoi beendet wird.
goes-at-quit = Dieser Chat wird beim Beenden gelöscht.

end-question = Diesen Chat mit { $company } beenden?
end-explained = Sie können jederzeit einen neuen starten.
keep-chatting = Weiter chatten

delete-chat = Diesen Chat löschen
delete-chat-ask = Diesen Chat löschen …
delete-question = Diesen Chat mit { $company } löschen?
delete-explained = Alles darin wird von diesem Computer gelöscht. Das lässt sich nicht rückgängig machen.
delete-explained-open = Der Chat wird beendet, und alles darin wird von diesem Computer gelöscht. Das lässt sich nicht rückgängig machen.
keep-chat = Behalten
deleting = Wird gelöscht …
say-deleted = Chat mit { $company } gelöscht.

hide-heading = Envoi läuft weiter, damit Antworten Sie erreichen
hide-text = Ihre Chats gehen weiter, während das Fenster weg ist.
hide-shared-heading = Ihre Chats bleiben hier, bis Sie Envoi beenden
hide-shared-text = Wer Envoi auf diesem Computer öffnet, kann sie lesen. Mit dem Beenden werden sie gelöscht.
got-it = Verstanden
quit = Envoi beenden

first-heading = Alle Firmen, denen Sie schreiben, an einem ruhigen Ort
first-text = Fenster zu, Neustart, kein Netz: Ihre Chats sind noch da, wenn Sie wiederkommen.
first-demo-heading = Erst einmal umsehen
first-demo-text = Chatten Sie mit einer Beispielfirma auf diesem Computer. Nichts verlässt ihn.
try-demo = Beispiel ausprobieren
first-own-heading = Eigenes verwenden
first-own-text = Sie brauchen die Adresse und den Schlüssel, die Sie von der Firma haben.

add-intro = Diese Angaben bekommen Sie von der Firma.
service = Dienst
setting-url = Adresse
setting-base_url = Adresse
setting-address = Adresse
setting-key = Schlüssel
setting-api_key = Schlüssel
setting-endpoint = Einstiegspunkt
setting-service = Name des Dienstes
setting-domain = Domain der Region
setting-deployment_id = Deployment-ID
setting-bot = Kennung des Bots
setting-key_header = Kopfzeile für den Schlüssel
setting-name = Name in Ihrer Liste
setting-name-hint = Nur Sie sehen ihn.
setting-example = Zum Beispiel { $example }
optional = freiwillig
add-mode = Wenn die Firma einen Vorgang schließt
add-mode-open = Der Chat bleibt offen
add-mode-open-hint = Sie können später schreiben, dann beginnt ein neuer Vorgang.
add-mode-ends = Der Chat endet
cancel = Abbrechen
check-and-add = Prüfen und hinzufügen
checking = Wird geprüft …
company-ready = { $company } ist bereit.
start-a-chat = Chat starten
look-first = Nur einmal schauen?
company-saved = Die Angaben zu { $company } sind gespeichert.
change-heading = { $company } ändern
check-and-save = Prüfen und speichern
company-menu = { $company } ändern oder entfernen
change-company = Kontaktcenter ändern …
remove-company = Kontaktcenter entfernen …
remove-question = { $company } aus Ihrer Liste entfernen?
remove-explained = Ihre Chats damit bleiben hier lesbar, schreiben lässt sich darin nichts mehr. Fügen Sie es wieder hinzu, gehen sie weiter.
keep-company = Behalten
remove-company-yes = Entfernen
say-removed = { $company } ist aus Ihrer Liste entfernt.

form-heading = Bevor es losgeht
form-intro = { $company } fragt danach, um Ihr Konto zu finden.
form-none = Schreiben Sie { $company }, wann immer Sie möchten.
start-chat = Chat starten
starting = Wird gestartet …
form-firstname = Vorname
form-lastname = Nachname
form-nickname = Ihr Name im Chat
form-email = E-Mail
form-phone = Telefon
form-subject = Worum geht es?
form-message = Ihre Nachricht
fill-firstname = Geben Sie Ihren Vornamen an.
fill-lastname = Geben Sie Ihren Nachnamen an.
fill-nickname = Geben Sie Ihren Namen an.
fill-email = Geben Sie Ihre E-Mail-Adresse an.
fill-phone = Geben Sie Ihre Telefonnummer an.
fill-subject = Sagen Sie, worum es geht.
fill-message = Schreiben Sie Ihre Nachricht.
fill-url = Geben Sie die Adresse an.
fill-key = Geben Sie den Schlüssel an.
fill-name = Geben Sie einen Namen an.
fill-other = Füllen Sie das aus.
bad-email = Das sieht nicht nach einer E-Mail-Adresse aus.
bad-address = Das sieht nicht nach einer Adresse aus.
gone-company = { $company } ist nicht mehr unter Ihren Kontaktcentern, deshalb lässt sich hier kein neuer Chat starten.
shelved-heading = Diesen Chat können Sie nur lesen
shelved-company_gone = { $company } ist nicht mehr unter Ihren Kontaktcentern. Alles Gesagte ist noch da. Fügen Sie es wieder hinzu, dann geht der Chat weiter.
shelved-company_broken = Der Eintrag von { $company } in der Konfiguration hat einen Fehler. Alles Gesagte ist noch da. Berichtigen Sie den Eintrag und starten Sie Envoi neu, dann geht der Chat weiter.

notifications = Mitteilungen & Privatsphäre
notification-shows = Eine Mitteilung zeigt
notify-company = Nur die Firma
notify-name = Firma und Name
notify-full = Firma, Name und Nachricht
notify-nothing = Keine Mitteilungen
notify-example = Beispiel einer Mitteilung
notify-example-company = Neue Nachricht
notify-example-name = Maya hat geantwortet
notify-example-full = Maya: Ich berichtige die Rechnung jetzt
notify-example-none = Es wird nichts gezeigt. Ungelesene Chats tragen in der Liste eine Zahl.
what-agents-see = Was die andere Seite sieht
show-typing = Die Gegenseite sehen lassen, dass Sie schreiben
show-read = Zeigen, was Sie gelesen haben
on-this-computer = Auf diesem Computer
keep = Chats aufbewahren
keep-forever = Für immer
keep-days = { $days ->
    [one] { $days } Tag
   *[other] { $days } Tage
}
keep-until-quit = Bis zum Beenden (geteilter Computer)
keep-hint-forever = Verschlüsselt auf diesem Computer, bis Sie sie löschen.
keep-hint-days = Verschlüsselt auf diesem Computer. Was älter ist, wird gelöscht.
keep-hint-until_quit = Nichts wird auf die Festplatte geschrieben. Beim Beenden werden die Chats gelöscht.
keep-limit-days = { $days ->
    [one] { $company } bewahrt Chats höchstens { $days } Tag auf diesem Computer auf.
   *[other] { $company } bewahrt Chats höchstens { $days } Tage auf diesem Computer auf.
}
keep-limit-quit = Chats mit { $company } werden beim Beenden gelöscht.
keep-question-days = { $days ->
    [one] Chats nur { $days } Tag aufbewahren?
   *[other] Chats nur { $days } Tage aufbewahren?
}
keep-explained-days = { $days ->
    [one] Was älter als { $days } Tag ist, wird jetzt von diesem Computer gelöscht. Das lässt sich nicht rückgängig machen.
   *[other] Was älter als { $days } Tage ist, wird jetzt von diesem Computer gelöscht. Das lässt sich nicht rückgängig machen.
}
keep-question-quit = Chats nur bis zum Beenden aufbewahren?
keep-explained-quit = Alle Chats werden beim Beenden endgültig von diesem Computer gelöscht. Das lässt sich nicht rückgängig machen.
keep-no = Behalten
keep-yes-days = Älteres löschen
keep-yes-quit = Beim Beenden löschen
appearance = Aussehen
theme = Farben
theme-system = Wie das System
theme-light = Hell
theme-dark = Dunkel
keyboard = Tastatur
contact-centres = Kontaktcenter
no-companies = Noch keine.
about = Über Envoi
version = Version { $version }
about-text = Ein Chatprogramm für die Kundschaft von Kontaktcentern. Es weiß, wann ein Gespräch vorbei ist.

keys = Tastenkürzel
key-send = Senden
key-newline = Neue Zeile
key-chat-prev-next = Vorheriger / nächster Chat
key-chat-by-place = Chat nach seinem Platz
key-attach = Datei anhängen
key-search = Alle Chats durchsuchen
key-find = Im Chat suchen
key-regions = Nächster / vorheriger Bereich
key-escape = Eine Frage mit Nein beantworten, sonst zum Schreibfeld
key-ends = Im Verlauf: älteste geladene / neueste
key-arrows = In Liste und Verlauf: eins nach oben / unten
key-settings = Einstellungen
key-this = Diese Liste
key-zoom = Größer / kleiner / wie zuvor
key-hide = Fenster ausblenden
key-quit = Envoi beenden

next-try = { $seconds ->
    [one] Nächster Versuch in { $seconds } Sekunde.
   *[other] Nächster Versuch in { $seconds } Sekunden.
}
trying = Wird gerade versucht …
try-now = Jetzt versuchen
goes-out = { $seconds ->
    [one] Ihre Nachrichten gehen in { $seconds } Sekunde hinaus.
   *[other] Ihre Nachrichten gehen in { $seconds } Sekunden hinaus.
}

fault-offline = Sie sind offline.
fault-not_answering = { $company } antwortet nicht.
fault-service_error = { $company } hat gerade selbst Schwierigkeiten.
fault-rate_limited = Das Senden macht eine Pause.
fault-captive_portal = Dieses Netz möchte, dass Sie sich zuerst anmelden. Öffnen Sie dazu eine Webseite.
fault-unreadable_answer = Was { $company } geantwortet hat, ist nicht lesbar.
fault-answer_too_large = Was { $company } geantwortet hat, ist zu groß.
fault-unsafe_connection = Der Verbindung zu dieser Adresse ist nicht zu trauen, deshalb wurde nichts gesendet.
fault-bad_address = Das sieht nicht nach einer Adresse aus, die man fragen kann.
fault-wrong_key = Dieser Schlüssel wird hier nicht angenommen.
fault-unknown_address = Unter dieser Adresse antwortet kein Chatdienst.
fault-unknown_endpoint = Der Chatdienst unter dieser Adresse kennt diesen Einstiegspunkt nicht.
fault-name_missing = Geben Sie Ihren Vornamen an.
fault-field_missing = Es fehlt etwas, das { $company } braucht.
fault-field_bad = Mit diesem Inhalt kann { $company } nichts anfangen.
fault-sign_in_again = { $company } möchte noch einmal wissen, wer da ist.
fault-sign_in_needed = Melden Sie sich an, um diesen Chat fortzusetzen.
fault-sign_in_declined = { $company } hat die Anmeldung nicht angenommen.
fault-sign_in_unfinished = Sie haben sich noch nicht angemeldet.
fault-sign_in_failed = Die Anmeldung bei { $company } funktioniert auf diesem Computer nicht.
fault-chat_gone = Bei { $company } ist dieser Chat nicht mehr offen.
fault-chat_over = Dieser Chat ist vorbei.
fault-declined = { $company } hat das abgelehnt.
fault-file_type = { $company } nimmt diese Art von Datei nicht an.
fault-file_size = Diese Datei ist größer, als { $company } annimmt.
fault-file_empty = Diese Datei ist leer.
fault-file_name = { $company } nimmt keine Datei mit diesem Namen an. Benennen Sie sie um und senden Sie sie noch einmal.
fault-file_count = { $company } nimmt keine weiteren Dateien an.
fault-files_waiting = Es warten schon zu viele Dateien auf das Senden. Senden Sie diese, sobald andere gesendet sind.
fault-agent_needed = Dateien können gesendet werden, sobald jemand von { $company } bei Ihnen ist.
fault-message_too_long = Diese Nachricht ist zu lang zum Senden.
fault-service_closed = Diese Firma nimmt gerade keine neuen Chats an. Versuchen Sie es später noch einmal.
fault-open_elsewhere = Dieser Chat ist anderswo geöffnet. Hier weitermachen?
fault-cleared_elsewhere = Mit der Anmeldung hier wurde Ihr anderer Chat mit { $company } beendet.
fault-unsupported = { $company } kann das nicht.
fault-too_late = Dafür war es zu spät.
fault-keyring_locked = Der Passwortspeicher Ihres Systems ist gesperrt. Bis er entsperrt ist, wird dieser Chat beim Beenden von Envoi vergessen.
fault-keyring_missing = Dieser Computer hat keinen Passwortspeicher, deshalb wird dieser Chat beim Beenden von Envoi vergessen.
fault-keyring_failed = Der Passwortspeicher Ihres Systems arbeitet nicht, deshalb wird dieser Chat beim Beenden von Envoi vergessen.
fault-disk_failed = Auf die Festplatte dieses Computers ließ sich nichts schreiben.
fault-perhaps_sent = Ob das angekommen ist, ließ sich nicht feststellen.
fault-archive_damaged = Was auf diesem Computer aufbewahrt ist, lässt sich nicht lesen.
fault-already_there = Das steht schon in Ihrer Liste.
fault-company_gone = { $company } ist nicht mehr unter Ihren Kontaktcentern.
fault-company_broken = Der Eintrag von { $company } in der Konfiguration hat einen Fehler.
fault-config_broken = Die Konfigurationsdatei hat einen Fehler, deshalb wurde nichts hinzugefügt. Berichtigen Sie sie und versuchen Sie es noch einmal.
fault-unknown = Etwas Unerwartetes ist geschehen.
details = Einzelheiten
memory-how = Was sich tun lässt
memory-how-keyring_locked = Entsperren Sie den Passwortspeicher in den Einstellungen Ihres Systems (unter Linux: „Passwörter und Verschlüsselung“ oder KWallet) und schreiben Sie dann weiter.
memory-how-keyring_missing = Installieren Sie einen Passwortspeicher wie GNOME-Schlüsselbund oder KWallet und starten Sie Envoi neu.
memory-how-keyring_failed = Starten Sie das System neu, oder fragen Sie, wer diesen Computer betreut.
memory-how-disk_failed = Leeren Sie den Papierkorb, oder löschen oder verschieben Sie große Dateien, die Sie nicht mehr brauchen.
memory-asking = Warten auf den Passwortspeicher Ihres Systems …
memory-shared = Dieser Chat wird beim Beenden gelöscht.
disk-full = Die Festplatte dieses Computers ist voll. Bis wieder Platz ist, wird nichts gesendet; dann geht es von selbst weiter.
disk-how = Wie Platz entsteht
archive-opening = Ihre Chats werden geöffnet …
archive-memory = Chats werden nicht aufbewahrt
archive-why-keyring_locked = Der Passwortspeicher Ihres Systems ist gesperrt, deshalb wird alles beim Beenden von Envoi vergessen.
archive-why-keyring_missing = Dieser Computer hat keinen Passwortspeicher, deshalb wird alles beim Beenden von Envoi vergessen.
archive-why-keyring_failed = Der Passwortspeicher Ihres Systems arbeitet nicht, deshalb wird alles beim Beenden von Envoi vergessen.
archive-why-disk_failed = Auf die Festplatte dieses Computers lässt sich nichts schreiben, deshalb wird alles beim Beenden von Envoi vergessen.
archive-rebuilt = Aufbewahrte Chats waren nicht lesbar
archive-rebuilt-text = Envoi hat die unlesbare Datei beiseitegelegt und eine neue begonnen. Noch offene Chats kommen von den Firmen zurück. Die alte Datei wird spätestens nach 30 Tagen gelöscht, und sobald Sie einen Chat löschen.
archive-rebuilt-where = Wo die alte Datei ist
add-again = Neu hinzufügen
config-heading = Ein Teil der Konfiguration ist nicht verwendbar
config-line = { $file }, Zeile { $line }
config-text = Alles andere wird verwendet.
load-failed = Dieser Chat lässt sich nicht anzeigen.
outside = Envoi läuft in einem eigenen Fenster. Starten Sie dazu das Programm.

say-message = { $name }: { $text }
say-bot = { $name }, Bot: { $text }
say-picture = { $name } hat ein Foto gesendet.
say-file = { $name } hat eine Datei gesendet: { $file }.
say-unsupported = { $name } hat etwas gesendet, das sich hier nicht zeigen lässt.
say-choices = { $count ->
    [one] { $count } Antwort zur Auswahl.
   *[other] { $count } Antworten zur Auswahl.
}
say-file-sent = { $file } gesendet.
say-upload-cancelled = Hochladen abgebrochen.
say-too-long = Das ist zu lang zum Senden.
say-several = { $count ->
    [one] { $count } neue Nachricht von { $name }.
   *[other] { $count } neue Nachrichten von { $name }.
}
say-elsewhere = { $count ->
    [one] { $company }: { $count } neue Nachricht.
   *[other] { $company }: { $count } neue Nachrichten.
}
say-opened = { $count ->
    [one] { $company }. { $count } neue Nachricht.
   *[other] { $company }. { $count } neue Nachrichten.
}
say-sent = Gesendet.
say-not-sent = Nicht gesendet. „Erneut senden“ steht unter der Nachricht.
say-unsure = Ob eine Nachricht angekommen ist, ließ sich nicht feststellen. Was Sie tun können, steht darunter.
say-room = Es ist wieder Platz. Die Nachrichten werden gesendet.
say-offline = Sie sind offline. Nachrichten warten hier.
say-not-answering = { $company } antwortet nicht. Nachrichten warten hier.
say-back = { $count ->
    [0] Wieder verbunden.
    [one] Wieder verbunden. { $count } Nachricht gesendet.
   *[other] Wieder verbunden. { $count } Nachrichten gesendet.
}
say-closing = { $name } hat diesen Vorgang geschlossen. Sie können weiter schreiben.
say-two = { $heading }. { $text }
say-offer = { $heading } { $text }
