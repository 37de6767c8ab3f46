# Was das Programm außerhalb seines Fensters sagt: Benachrichtigungen und Infobereich.
new-message = Neue Nachricht
new-messages = { $count ->
    [one] { $count } neue Nachricht
   *[other] { $count } neue Nachrichten
}
case-closed = Fall abgeschlossen
chat-ended = Chat beendet
still-there = Noch da? Dieser Chat endet gleich.
picture = Foto
who-of-company = { $who } · { $company }
tray-open = Envoi öffnen
tray-quit = Envoi beenden
