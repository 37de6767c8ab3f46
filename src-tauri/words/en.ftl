# What the program says outside of its window: notifications, the tray, and the page after signing in.
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
cannot-start = Envoi can’t start
tray-open = Open Envoi
tray-quit = Quit Envoi
sign-in-done = You are signed in.
sign-in-declined = You are not signed in.
sign-in-stray = Nothing is waiting for this page.
sign-in-close = You can close this window and go back to your chat.
