# Every text of the interface, in English. The voice: what happened, then what can be done; plain words; sentence case.
# A case is what an agent works on and closes; a chat is what the person keeps and ends. Never swap them.

## Names for people without one

the-agent = The agent
the-bot = The bot
you = You

## List

chats = Chats
add-company = Add a contact centre
settings = Settings
no-chats = No chats yet.
companies = Start a chat
start-with = Start a chat with { $company }
snippet-from = { $name }: { $text }
snippet-own = You: { $text }
snippet-draft = Draft: { $text }
snippet-picture = Photo
snippet-file = File: { $file }
snippet-unsupported = { $name } sent something that can’t be shown here
snippet-waiting = { $count } waiting to send
snippet-not-sent = Not sent
snippet-perhaps-sent = May not have arrived
snippet-case-closed = Case closed
snippet-new = New chat
snippet-over-ended_by_me = Chat ended
snippet-over-ended_by_them = Chat ended
snippet-over-read_only = Read only
snippet-over-expired = Chat ended
snippet-over-signed_out = Signed out
snippet-over-signed_in_elsewhere = Signed in elsewhere
snippet-over-lost = Can’t be picked up again
unread-badge = { $count } new
unread-many = 99+

## Search

search = Search
search-all = Search all chats
search-hint = Type to search everything that was said in your chats.
search-close = Close search
search-clear = Clear search
search-nothing = Nothing found for “{ $text }”.
search-nothing-hint = Every word has to be in the message. Try fewer or other ones.
search-found = { $count ->
    [one] { $count } message
   *[other] { $count } messages
} in { $chats ->
    [one] { $chats } chat
   *[other] { $chats } chats
}
search-found-more = The { $count } newest messages. There are more: add a word to narrow it down.
find = Search in this chat
find-at = { $at } of { $count }
find-at-more = { $at } of more than { $count }
find-none = Nothing found
find-older = Earlier match
find-newer = Later match
find-close = Close search in this chat
found-gone = This message is no longer here.

## Header

back-to-chats = Back to chats
more = More
end-chat = End chat
save-copy = Save a copy
copy-as-html = As a web page with pictures
copy-as-text = As text
copy-as-json = As JSON, for programs
hide-window = Hide window
header-fresh = New chat
header-joining = Connecting…
header-restoring = Picking up where you left off…
header-waiting-agent = Waiting for an agent
header-with-agent = { $name } is with you
header-with-bot = You’re with the bot
header-case-closed = Case closed
header-ended = Chat ended
header-read-only = Read only
header-waiting-connection = Waiting for a connection
header-lost = Not connected
demo-note = Pretend company

## Timeline

messages = Messages
today = Today
yesterday = Yesterday
older = Show earlier messages
older-loading = Loading earlier messages…
unread-line = { $count ->
    [one] { $count } new message
   *[other] { $count } new messages
}
jump-newest = Newest
jump-new = { $count } new
event-joined = { $name } joined { $time }
event-left = { $name } left { $time }
event-case-closed = Case closed { $time }
event-unsupported = { $name } sent something that can’t be shown here { $time }
end-by-me = You ended the chat { $time }
end-by-them = { $name } ended the chat { $time }
end-read-only = Read only since { $day }
end-expired = Closed { $day }
bot = Bot
typing-one = { $name } is typing
typing-several = Several people are typing
picture-from = Photo from { $name }
picture-own = Photo from you
picture-on-card = the picture on the card
picture-open = Open { $photo }: { $file }
picture-failed = This photo can’t be shown.
picture-again = Show it
picture-gone = This photo is no longer available.
file-save = Save { $file }
file-gone = No longer available
save-as = Save as…
upload-of = { $sent } of { $total }
upload-name = Sending { $file }
upload-cancel = Cancel upload
local = Note
answers = Suggested answers
answers-to = Answers to “{ $text }”
questions = Questions
send-answers = Send answers
questions-closed = These questions are answered or can no longer be.
question-choose = Choose…
question-long = At most { $count } characters.
question-day = Choose another day.
send-choices = { $count ->
    [0] Choose and send
    [one] Send { $count } choice
   *[other] Send { $count } choices
}
opens-outside = opens outside of Envoi
close = Close

## Own messages

sending = Sending…
sent-at = Sent { $time }
waiting = Waiting to send
not-sent = Not sent
retry = Retry
delete = Delete
unsure = We could not tell whether this arrived.
send-again = Send again
remove = Remove
sending-slow = Not sent yet. Your words stay here until this computer can keep them.

## Composer

write-to = Write to { $company }
write-new-case = Write to start a new case
write-offline = Write now, send when you’re back
message = Message
attach = Attach a photo
attach-file = Attach a file
drop-file-here = Drop the file here to send it
too-long = { $count ->
    [one] { $count } character too long to send.
   *[other] { $count } characters too long to send.
}
file-only-pictures = { $company } takes photos only.
file-type = { $company } doesn’t take { $ending } files.
file-size = This file is { $size }. { $company } takes up to { $most }.
send = Send
drop-here = Drop the photo here to send it

## Closing and guard

closing-heading = { $name } has closed this case
closing-text = You can still write. Your next message starts a new case.
guard-heading = Send “{ $text }” as a new case?
guard-text = { $name } has closed this one. Sending would open a new case with the next free agent.
guard-text-unnamed = This one is closed. Sending would open a new case with the next free agent.
dont-send = Don’t send
send-anyway = Send and start a new case
copy-saved = Saved to { $path }

## What stands above the conversation

banner = From the company
banner-close = Put away
banner-minimise = Make small
banner-sent = Sent
banner-sent-text = One moment.
banner-long = This takes longer than usual. The chat is still open.
leaving-heading = Leaving the agent…
leaving-text = The bot takes over in a moment.
idle-label = Are you still there?
idle = Still there? { $company } ends this chat if nobody writes.
idle-left = { $time } left.
stay-on = I’m still here
sign-in-label = Sign in
sign-in = { $company } wants to know who you are. Sign in with your browser.
sign-in-open = Open the browser again
sign-in-copy = Copy the address
sign-in-now = Sign in
change-name = Change my name…
change-name-heading = Change my name
change-name-hint = What { $company } calls you from now on.
change-name-now = Use this name
name-told = Telling { $company } your new name.
elsewhere-label = This chat is open somewhere else
elsewhere = This chat is open somewhere else.
go-on-here = Go on here

## Details of a chat

chat-details = Who was here
details-failed = This can’t be read right now.
details-messages = Messages
details-counts = { $received } received, { $sent } sent
details-first = First
details-last = Last
details-duration = Between them
details-people = Who was here
details-name = Name
details-from = From
details-until = Until
details-unknown = Not told

## Ends

over-ended_by_me-heading = You ended this chat
over-ended_by_me-text = { $stays }
over-ended_by_them-heading = The chat has ended
over-ended_by_them-text = { $name } ended it and you have left. { $stays }
over-read_only-heading = This chat is read only
over-read_only-text = { $company } keeps it for you to read. To write again, start a new chat.
over-expired-heading = This chat was quiet for too long
over-expired-text = { $company } closed it on { $day }. Everything said is still here.
over-signed_out-heading = You were signed out
over-signed_out-text = { $company } takes nothing more in this chat. Everything up to { $time } is still here; a new chat begins with signing in.
over-signed_in_elsewhere-heading = You signed in somewhere else
over-signed_in_elsewhere-text = This chat with { $company } goes on there. Everything up to { $time } is still here.
over-lost-heading = This chat can’t be picked up again
over-lost-text = { $company } no longer has it open. Everything up to { $time } is still here.
start-new = Start a new chat
unsent = { $count ->
    [one] { $count } message was not sent.
   *[other] { $count } messages were not sent.
}
copy-unsent = { $count ->
    [one] Copy it
   *[other] Copy them
}
copied = Copied.
stays-kept = What was said stays on this computer.
stays-days = { $days ->
    [one] What was said stays on this computer for { $days } day.
   *[other] What was said stays on this computer for { $days } days.
}
stays-quit = What was said stays here until Envoi quits.
goes-at-quit = This chat is deleted when you quit.

## End chat

end-question = End this chat with { $company }?
end-explained = You can start a new one at any time.
keep-chatting = Keep chatting

## Deleting a chat

delete-chat = Delete this chat
delete-chat-ask = Delete this chat…
delete-question = Delete this chat with { $company }?
delete-explained = Everything said in it is deleted from this computer. This can’t be undone.
delete-explained-open = The chat ends, and everything said in it is deleted from this computer. This can’t be undone.
keep-chat = Keep it
deleting = Deleting…
say-deleted = Chat with { $company } deleted.

## Hiding and quitting

hide-heading = Envoi keeps running, so replies reach you
hide-text = Your chats go on while the window is away.
hide-shared-heading = Your chats stay here until you quit
hide-shared-text = Whoever opens Envoi on this computer can read them. Quitting deletes them.
got-it = Got it
quit = Quit Envoi

## First run

first-heading = Every company you write to, in one calm place
first-text = Close the window, restart, lose the network: your chats are still here when you come back.
first-demo-heading = Look around first
first-demo-text = Chat with a pretend company on this computer. Nothing leaves it.
try-demo = Try the demo
first-own-heading = Use your own
first-own-text = You need the address and the key that the company gave you.

## Adding a company

add-intro = The company gives you these details.
service = Service
setting-url = Address
setting-base_url = Address
setting-address = Address
setting-key = Key
setting-api_key = Key
setting-endpoint = Entry point
setting-service = Service name
setting-domain = Domain of the region
setting-deployment_id = Deployment ID
setting-bot = ID of the bot
setting-key_header = Header for the key
setting-name = Name in your list
setting-name-hint = Only you see this.
setting-example = For instance { $example }
optional = optional
add-mode = When the company closes a case
add-mode-open = The chat stays open
add-mode-open-hint = You can write later and a new case starts.
add-mode-ends = The chat ends
cancel = Cancel
check-and-add = Check and add
checking = Checking…
company-ready = { $company } is ready.
start-a-chat = Start a chat
look-first = Just looking?
company-saved = The details of { $company } are saved.
change-heading = Change { $company }
check-and-save = Check and save
company-menu = Change or remove { $company }
change-company = Change contact centre…
remove-company = Remove contact centre…
remove-question = Remove { $company } from your list?
remove-explained = Your chats with it stay here to be read, and nothing more can be written in them. Add it again, and they go on.
keep-company = Keep it
remove-company-yes = Remove
say-removed = { $company } removed from your list.

## Entry form

form-heading = Before we start
form-intro = { $company } asks for this to find your account.
form-none = Write to { $company } whenever you like.
start-chat = Start chat
starting = Starting…
form-firstname = First name
form-lastname = Last name
form-nickname = Your name in the chat
form-email = Email
form-phone = Phone
form-subject = What is it about?
form-message = Your message
fill-firstname = Add your first name.
fill-lastname = Add your last name.
fill-nickname = Add your name.
fill-email = Add your email address.
fill-phone = Add your phone number.
fill-subject = Say what it is about.
fill-message = Write your message.
fill-url = Add the address.
fill-key = Add the key.
fill-name = Add a name.
fill-other = Fill this in.
bad-email = This doesn’t look like an email address.
bad-address = This doesn’t look like an address.
gone-company = { $company } is no longer in your list of contact centres, so no new chat can be started here.
shelved-heading = You can only read this chat
shelved-company_gone = { $company } is no longer in your list of contact centres. Everything said is still here. Add it again, and the chat goes on.
shelved-company_broken = The entry of { $company } in the configuration has a mistake. Everything said is still here. Correct the entry and start Envoi again, and the chat goes on.

## Settings

notifications = Notifications & privacy
notification-shows = A notification shows
notify-company = Company only
notify-name = Company and name
notify-full = Company, name and message
notify-nothing = No notifications
notify-example = Example of a notification
notify-example-company = New message
notify-example-name = Maya has answered
notify-example-full = Maya: I’ll correct the bill now
notify-example-none = Nothing is shown. Unread chats have a number in the list.
what-agents-see = What agents see
show-typing = Let agents see when you are typing
show-read = Let agents see what you have read
on-this-computer = On this computer
keep = Keep chats
keep-forever = For ever
keep-days = { $days ->
    [one] { $days } day
   *[other] { $days } days
}
keep-until-quit = Until I quit (shared computer)
keep-hint-forever = Encrypted on this computer, until you delete them.
keep-hint-days = Encrypted on this computer. What is older is deleted.
keep-hint-until_quit = Nothing is written to the disk. Chats are deleted when you quit.
keep-limit-days = { $days ->
    [one] { $company } keeps chats at most { $days } day on this computer.
   *[other] { $company } keeps chats at most { $days } days on this computer.
}
keep-limit-quit = Chats with { $company } are deleted when you quit.
keep-question-days = { $days ->
    [one] Keep chats for only { $days } day?
   *[other] Keep chats for only { $days } days?
}
keep-explained-days = { $days ->
    [one] What is older than { $days } day is deleted from this computer now. This can’t be undone.
   *[other] What is older than { $days } days is deleted from this computer now. This can’t be undone.
}
keep-question-quit = Keep chats only until you quit?
keep-explained-quit = All chats are deleted from this computer for good when you quit. This can’t be undone.
keep-no = Keep them
keep-yes-days = Delete what is older
keep-yes-quit = Delete at quit
appearance = Appearance
theme = Colours
theme-system = As the system has it
theme-light = Light
theme-dark = Dark
keyboard = Keyboard
contact-centres = Contact centres
no-companies = None yet.
about = About Envoi
version = Version { $version }
about-text = A desktop chat for the customers of contact centres. It knows when a conversation is over.

## Keyboard

keys = Keyboard shortcuts
key-send = Send
key-newline = New line
key-chat-prev-next = Previous / next chat
key-chat-by-place = Chat by place
key-attach = Attach a file
key-search = Search all chats
key-find = Search in the chat
key-regions = Next / previous region
key-escape = Answer a question with no, then to the composer
key-ends = In the timeline: oldest loaded / newest
key-arrows = In the list or the timeline: one up / down
key-settings = Settings
key-this = This list
key-zoom = Larger / smaller / as it was
key-hide = Hide window
key-quit = Quit Envoi

## Connection

next-try = { $seconds ->
    [one] Next try in { $seconds } second.
   *[other] Next try in { $seconds } seconds.
}
trying = Trying now…
try-now = Try now
goes-out = { $seconds ->
    [one] Your messages go out in { $seconds } second.
   *[other] Your messages go out in { $seconds } seconds.
}

## Faults, by code

fault-offline = You’re offline.
fault-not_answering = { $company } isn’t answering.
fault-service_error = { $company } has trouble of its own.
fault-rate_limited = Sending is paused.
fault-captive_portal = This network wants you to sign in first. Open a web page to do so.
fault-unreadable_answer = What { $company } answered can’t be read.
fault-answer_too_large = What { $company } answered is too large to be taken.
fault-unsafe_connection = The connection to this address can’t be trusted, so nothing was sent.
fault-bad_address = This doesn’t look like an address that can be asked.
fault-wrong_key = This key isn’t accepted here.
fault-unknown_address = No chat service answers at this address.
fault-unknown_endpoint = The chat service at this address doesn’t know this entry point.
fault-name_missing = Add your first name.
fault-field_missing = Something that { $company } needs is missing.
fault-field_bad = { $company } can’t use what this holds.
fault-sign_in_again = { $company } wants to know again who is there.
fault-sign_in_needed = Sign in to go on with this chat.
fault-sign_in_declined = { $company } didn’t accept the sign-in.
fault-sign_in_unfinished = You haven’t signed in yet.
fault-sign_in_failed = Signing in to { $company } doesn’t work on this computer.
fault-chat_gone = { $company } no longer has this chat open.
fault-chat_over = This chat is over.
fault-declined = { $company } declined this.
fault-file_type = { $company } doesn’t take this kind of file.
fault-file_size = This file is larger than { $company } takes.
fault-file_empty = This file is empty.
fault-file_name = { $company } doesn’t take a file of this name. Give it another name and send it again.
fault-file_count = { $company } takes no more files.
fault-files_waiting = Too many files are waiting to be sent. Send this one when others have left.
fault-agent_needed = Files can be sent once an agent of { $company } is with you.
fault-message_too_long = This message is too long to send.
fault-service_closed = This company takes no new chats right now. Try again later.
fault-open_elsewhere = This chat is open somewhere else. Go on with it here?
fault-cleared_elsewhere = Signing in here ended your other chat with { $company }.
fault-unsupported = { $company } can’t do this.
fault-too_late = It was too late for that.
fault-keyring_locked = Your system’s password store is locked. Until it is unlocked, this chat is forgotten when Envoi quits.
fault-keyring_missing = This computer has no password store, so this chat is forgotten when Envoi quits.
fault-keyring_failed = Your system’s password store isn’t working, so this chat is forgotten when Envoi quits.
fault-disk_failed = Nothing could be written to this computer’s disk.
fault-perhaps_sent = We could not tell whether this arrived.
fault-archive_damaged = What is kept on this computer can’t be read.
fault-already_there = This is in your list already.
fault-company_gone = { $company } is no longer in your list of contact centres.
fault-company_broken = The entry of { $company } in the configuration has a mistake.
fault-config_broken = The configuration file has a mistake, so nothing was added. Correct it and try again.
fault-unknown = Something unexpected happened.
details = Details
memory-how = How to change that
memory-how-keyring_locked = Unlock the password store in your system’s settings (on Linux: “Passwords and Keys” or KWallet), then write again.
memory-how-keyring_missing = Install a password store, such as GNOME Keyring or KWallet, and start Envoi again.
memory-how-keyring_failed = Start the system again, or ask whoever looks after this computer.
memory-how-disk_failed = Empty the trash, or delete or move away large files you no longer need.
memory-asking = Waiting for your system’s password store…
memory-shared = This chat is deleted when you quit.
disk-full = This computer’s disk is full. Nothing is sent until there is room; then it goes on by itself.
disk-how = How to make room
archive-opening = Opening your chats…
archive-memory = Chats are not kept
archive-why-keyring_locked = Your system’s password store is locked, so what is said is forgotten when Envoi quits.
archive-why-keyring_missing = This computer has no password store, so what is said is forgotten when Envoi quits.
archive-why-keyring_failed = Your system’s password store isn’t working, so what is said is forgotten when Envoi quits.
archive-why-disk_failed = Nothing can be written to this computer’s disk, so what is said is forgotten when Envoi quits.
archive-rebuilt = Kept chats could not be read
archive-rebuilt-text = Envoi put the unreadable file aside and began a new one. Chats that are still open come back from the companies. The old file is deleted after 30 days at the latest, and as soon as you delete a chat.
archive-rebuilt-where = Where the old file is
add-again = Add it again
config-heading = Part of the configuration can’t be used
config-line = { $file }, line { $line }
config-text = Everything else is in use.
load-failed = This chat can’t be shown.
outside = Envoi runs in its own window. Start the program to use it.

## Announcements: heard, never seen

say-message = { $name }: { $text }
say-bot = { $name }, bot: { $text }
say-picture = { $name } sent a photo.
say-file = { $name } sent a file: { $file }.
say-unsupported = { $name } sent something that can’t be shown here.
say-choices = { $count ->
    [one] { $count } answer to choose.
   *[other] { $count } answers to choose from.
}
say-file-sent = { $file } sent.
say-upload-cancelled = Upload cancelled.
say-too-long = This is too long to send.
say-several = { $count ->
    [one] { $count } new message from { $name }.
   *[other] { $count } new messages from { $name }.
}
say-elsewhere = { $count ->
    [one] { $company }: { $count } new message.
   *[other] { $company }: { $count } new messages.
}
say-opened = { $count ->
    [one] { $company }. { $count } new message.
   *[other] { $company }. { $count } new messages.
}
say-sent = Sent.
say-not-sent = Not sent. Retry is under the message.
say-unsure = We could not tell whether a message arrived. What you can do is under it.
say-room = There is room again. Messages are sent.
say-offline = You’re offline. Messages wait here.
say-not-answering = { $company } isn’t answering. Messages wait here.
say-back = { $count ->
    [0] Connected again.
    [one] Connected again. { $count } message sent.
   *[other] Connected again. { $count } messages sent.
}
say-closing = { $name } has closed this case. You can still write.
say-two = { $heading }. { $text }
say-offer = { $heading } { $text }
