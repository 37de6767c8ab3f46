# Was das Programm außerhalb seines Fensters sagt: Benachrichtigungen, Infobereich und die Seite nach dem Anmelden.
new-message = Neue Nachricht
new-messages = { $count ->
    [one] { $count } neue Nachricht
   *[other] { $count } neue Nachrichten
}
case-closed = Vorgang geschlossen
chat-ended = Chat beendet
still-there = Noch da? Dieser Chat endet gleich.
picture = Foto
who-of-company = { $who } · { $company }
cannot-start = Envoi lässt sich nicht starten
tray-open = Envoi öffnen
tray-quit = Envoi beenden
sign-in-done = Sie sind angemeldet.
sign-in-declined = Sie sind nicht angemeldet.
sign-in-stray = Auf diese Seite wartet nichts.
sign-in-close = Sie können dieses Fenster schließen und zu Ihrem Chat zurückkehren.
