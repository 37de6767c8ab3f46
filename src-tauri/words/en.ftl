# What the program says outside of its window: notifications and the tray.
new-message = New message
new-messages = { $count ->
    [one] { $count } new message
   *[other] { $count } new messages
}
case-closed = Case closed
chat-ended = Chat ended
still-there = Still there? This chat is about to end.
picture = Photo
who-of-company = { $who } · { $company }
tray-open = Open Envoi
tray-quit = Quit Envoi
