// Generated from crates/protocol/src/view.rs by `cargo xtask types`. Do not edit.

/**
 * One conversation as it stands after update number `seq`.
 */
export type Snapshot = { 
/**
 * Name of the conversation, unique within a profile.
 */
conversation: string, 
/**
 * Number of the last update that is contained here; the next one carries `seq + 1`.
 */
seq: number, 
/**
 * Whom the conversation is with.
 */
deployment: DeploymentView, 
/**
 * Where the conversation stands.
 */
phase: PhaseView, 
/**
 * Where the connection stands.
 */
link: LinkView, 
/**
 * Everybody on the other side who is present.
 */
people: Array<Person>, 
/**
 * Who is typing at the moment; each of them is among `people` or has just left.
 */
typing: Array<Person>, 
/**
 * The timeline, oldest first.
 */
items: Array<Item>, 
/**
 * What lies before the first item.
 */
history: HistoryView, 
/**
 * The question that holds a message back, if one is open.
 */
guard: Guard | null, 
/**
 * Whether the conversation comes back after a restart.
 */
memory: Memory, 
/**
 * Messages from the other side that were not yet seen.
 */
unread: number, 
/**
 * What is wrong and needs the person; `None` when nothing does.
 */
fault: Fault | null, 
/**
 * What can be done in this conversation. It may change while it runs.
 */
abilities: Abilities, 
/**
 * What stands above the conversation, at the service's wish.
 */
banner: Banner | null, 
/**
 * That the service is about to end the chat because nothing happens.
 */
idle: IdleView | null, 
/**
 * That the person is being asked to sign in, in the system's browser.
 */
sign_in: SignInView | null, 
/**
 * What stood in the composer when it was last kept: shown when the conversation is opened, and no update changes it.
 */
draft: string, };

/**
 * One step from a snapshot to the next.
 */
export type Update = { 
/**
 * Which conversation changed.
 */
conversation: string, 
/**
 * One more than the update before it; a gap means that updates were lost and a snapshot is needed.
 */
seq: number, 
/**
 * What changed.
 */
change: Change, };

/**
 * What an [`Update`] changes. Each variant replaces one field of the [`Snapshot`], except `Items`, which edits the timeline.
 */
export type Change = { "change": "phase", "to": PhaseView } | { "change": "link", "to": LinkView } | { "change": "people", "to": Array<Person> } | { "change": "typing", "to": Array<Person> } | { "change": "items", "to": ItemsChange } | { "change": "history", "to": HistoryView } | { "change": "guard", "to": Guard | null } | { "change": "memory", "to": Memory } | { "change": "unread", "to": number } | { "change": "fault", "to": Fault | null } | { "change": "abilities", "to": Abilities } | { "change": "banner", "to": Banner | null } | { "change": "idle", "to": IdleView | null } | { "change": "sign_in", "to": SignInView | null };

/**
 * What can be done in a conversation: an interface follows this and never asks which service it is.
 */
export type Abilities = { 
/**
 * Which files can be sent, with the most bytes of one always given; `None` if none can.
 */
files: FileRules | null, 
/**
 * The other side can see typing, if the person allows it.
 */
typing: boolean, 
/**
 * Older pages can be loaded from the service.
 */
history: boolean, 
/**
 * More data about the person can be given while the chat runs.
 */
user_data: boolean, 
/**
 * The other side can be told what was read, if the person allows it.
 */
read_receipts: boolean, 
/**
 * The person can be called by another name while the chat runs.
 */
nickname: boolean, 
/**
 * Notices can be sent to the other side's programs.
 */
notices: boolean, 
/**
 * The chat can be ended for good. Where this is not so, it can only be put away.
 */
end: boolean, 
/**
 * The person is a guest, and may sign in while the chat runs: `SignIn`.
 */
sign_in: boolean, 
/**
 * Most characters of one message, counted as Unicode scalar values; `None` if there is no such limit.
 */
longest_text: number | null, };

/**
 * That the service is about to end the chat because nothing happens. Answered by `StayOn`, or by writing anything.
 */
export type IdleView = { 
/**
 * When it will be ended, if the service said so.
 */
ends_at: number | null, 
/**
 * The service's own words.
 */
text: string | null, };

/**
 * That the person is being asked to sign in, on the company's page in the system's browser. The host has opened it when this comes;
 * `OpenSignIn` opens it again, `CancelSignIn` gives it up.
 */
export type SignInView = { "state": "preparing" } | { "state": "browser", 
/**
 * Where it is, for a browser that was not found. Good for this one sign-in.
 */
address: string, };

/**
 * An edit of the timeline: first remove, then put each item in its place, in the given order.
 */
export type ItemsChange = { 
/**
 * Identifiers of items that are no longer there.
 */
removed: Array<string>, 
/**
 * New and changed items. An item whose identifier is known replaces (and, if need be, moves) the old one.
 */
put: Array<Placed>, };

/**
 * An item and its place.
 */
export type Placed = { 
/**
 * Identifier of the item directly before this one; `None` for the first place.
 */
after: string | null, 
/**
 * The item itself.
 */
item: Item, };

/**
 * One row of the timeline.
 */
export type Item = { 
/**
 * Stable identifier within the conversation. A message keeps its identifier from its first echo to the service's copy.
 */
id: string, 
/**
 * When it happened.
 */
at: number, 
/**
 * True if it came with replayed history: such an item is never announced and never notifies.
 */
replayed: boolean, 
/**
 * What it is.
 */
content: Content, };

/**
 * What a row of the timeline holds.
 */
export type Content = { "kind": "message", 
/**
 * Who wrote it.
 */
from: Person, 
/**
 * The text, cut where links begin and end. To be shown as text nodes, never as markup.
 */
text: Array<Run>, 
/**
 * How far an own message has come; `None` for others.
 */
delivery: DeliveryView | null, } | { "kind": "picture", 
/**
 * Who sent it.
 */
from: Person, 
/**
 * File name, for the label and for saving.
 */
name: string, 
/**
 * Size in bytes, if known.
 */
size: number | null, 
/**
 * How far an own picture has come; `None` for others.
 */
delivery: DeliveryView | null, 
/**
 * True if it is no longer to be had.
 */
withdrawn: boolean, } | { "kind": "file", 
/**
 * Who sent it.
 */
from: Person, 
/**
 * File name, for the label and for saving.
 */
name: string, 
/**
 * Size in bytes, if known.
 */
size: number | null, 
/**
 * Media type, if known.
 */
mime: string | null, 
/**
 * How far an own file has come; `None` for others.
 */
delivery: DeliveryView | null, 
/**
 * True if it is no longer to be had.
 */
withdrawn: boolean, } | { "kind": "offer", 
/**
 * Who asks.
 */
from: Person, 
/**
 * The question and its answers. If it is `passing`, it can be answered only as long as it is the last thing said:
 * no message, picture, file or offer stands after it.
 */
offer: Offer, 
/**
 * What was chosen; empty if nothing was. An offer is answered once.
 */
answered: Array<string>, } | { "kind": "unsupported", 
/**
 * Who sent it.
 */
from: Person, } | { "kind": "local", 
/**
 * The text, cut where links begin and end.
 */
text: Array<Run>, } | { "kind": "joined", 
/**
 * Who.
 */
person: Person, } | { "kind": "left", 
/**
 * Who.
 */
person: Person, } | { "kind": "case_closed", 
/**
 * Who closed it, if that is known.
 */
by: string | null, };

/**
 * Words with answers to choose from: quick replies, cards, dates, lists.
 */
export type Offer = { 
/**
 * What is said or asked. To be shown as text.
 */
text: string, 
/**
 * Cards, side by side or below each other.
 */
cards: Array<Card>, 
/**
 * Answers, in groups.
 */
groups: Array<ChoiceGroup>, 
/**
 * True if an answer makes sense only as long as nothing else was said.
 */
passing: boolean, 
/**
 * Questions that are answered together, with `Fill`; then nothing else is offered.
 */
questions: Questionnaire | null, };

/**
 * A card.
 */
export type Card = { 
/**
 * Heading.
 */
title: string, 
/**
 * What stands below it.
 */
text: string | null, 
/**
 * The address of a picture that stands above it. An interface does not go there: it asks for the bytes as those of the item
 * `ITEM#NUMBER`, the cards of an offer being counted from 0.
 */
picture: string | null, 
/**
 * Its buttons.
 */
choices: Array<Choice>, };

/**
 * Answers that belong together.
 */
export type ChoiceGroup = { 
/**
 * Heading, if there is one.
 */
title: string | null, 
/**
 * True if several can be chosen and are sent together.
 */
multiple: boolean, 
/**
 * The answers.
 */
choices: Array<Choice>, };

/**
 * One answer, or a link.
 */
export type Choice = { 
/**
 * Unique within its offer or banner.
 */
id: string, 
/**
 * What stands on the button; empty for a date, which the interface words from `at`.
 */
label: string, 
/**
 * What stands below the label.
 */
text: string | null, 
/**
 * For a date: when it begins.
 */
at: number | null, 
/**
 * For a date: how long it lasts, in seconds.
 */
seconds: number | null, 
/**
 * What a press does.
 */
does: ChoiceDoes, };

/**
 * What choosing does.
 */
export type ChoiceDoes = { "does": "say", 
/**
 * The words.
 */
text: string, 
/**
 * What the service wants back with them, unread; `None` for plain words.
 */
payload: string | null, } | { "does": "open", 
/**
 * The address.
 */
href: string, } | { "does": "nothing" };

/**
 * Questions that are answered together, with `Fill`.
 */
export type Questionnaire = { 
/**
 * The questions, in order.
 */
questions: Array<Question>, 
/**
 * What stands on the button that sends the answers; `None` lets the interface word it.
 */
button: string | null, 
/**
 * The words that the answers are sent with.
 */
reply: string, 
/**
 * What the service wants back with the answers, unread.
 */
payload: string, };

/**
 * One question.
 */
export type Question = { 
/**
 * Unique within its questionnaire.
 */
id: string, 
/**
 * What stands above it, where a part of the questionnaire begins.
 */
heading: string | null, 
/**
 * What is asked.
 */
label: string, 
/**
 * What helps to answer it.
 */
hint: string | null, 
/**
 * True if nothing can be sent without it.
 */
required: boolean, 
/**
 * What an answer is.
 */
takes: Takes, };

/**
 * What answers a question.
 */
export type Takes = { "takes": "words", 
/**
 * True for several lines.
 */
lines: boolean, 
/**
 * Most characters (Unicode scalar values).
 */
longest: number, } | { "takes": "choices", 
/**
 * True if several can be chosen.
 */
multiple: boolean, 
/**
 * The choices.
 */
choices: Array<Choice>, } | { "takes": "day", 
/**
 * The first that can be chosen.
 */
first: string | null, 
/**
 * The last that can be chosen.
 */
last: string | null, };

/**
 * What stands above a conversation, at the service's wish: a way back to the bot, for instance.
 */
export type Banner = { 
/**
 * What it says, one card for each; their choices send or open something.
 */
cards: Array<Card>, 
/**
 * True if putting it away leaves a strip to open it again.
 */
minimises: boolean, 
/**
 * What that strip says.
 */
minimised_text: string | null, 
/**
 * True while it is put away as a strip.
 */
minimised: boolean, 
/**
 * True from a choice until the service has said what became of it: no choice can be made.
 */
pending: boolean, };

/**
 * Which files a service takes.
 */
export type FileRules = { 
/**
 * Of which kinds.
 */
kinds: FileKinds, 
/**
 * Most bytes of one.
 */
largest: number | null, 
/**
 * True if they are taken only while an agent is there.
 */
needs_agent: boolean, };

/**
 * Kinds of files.
 */
export type FileKinds = { "kinds": "pictures" } | { "kinds": "all_but", 
/**
 * The endings.
 */
endings: Array<string>, } | { "kinds": "only", 
/**
 * The endings.
 */
endings: Array<string>, };

/**
 * A stretch of text, with the address it leads to if it is a link.
 */
export type Run = { 
/**
 * The characters to show.
 */
text: string, 
/**
 * An `https`, `http`, `mailto` or `tel` address. Opened only through the host, which checks it again.
 */
href: string | null, };

/**
 * Somebody in the conversation.
 */
export type Person = { 
/**
 * The service's identifier for the participant; names are not unique.
 */
id: string, 
/**
 * Name to show; `None` if the service gave none.
 */
name: string | null, 
/**
 * In which capacity.
 */
role: Role, };

/**
 * The capacity in which somebody takes part.
 */
export type Role = "me" | "agent" | "supervisor" | "bot" | "automation" | "system" | "other";

/**
 * How far an own message has come.
 */
export type DeliveryView = { "state": "queued" } | { "state": "sending" } | { "state": "uploading", 
/**
 * What has left.
 */
sent: number, 
/**
 * All of it.
 */
total: number, } | { "state": "waiting", 
/**
 * When the next try is due.
 */
until: number, } | { "state": "sent" } | { "state": "stuck", 
/**
 * Why.
 */
fault: Fault, };

/**
 * Where a conversation stands. Trouble with the connection is in [`LinkView`].
 */
export type PhaseView = { "phase": "fresh" } | { "phase": "joining" } | { "phase": "open" } | { "phase": "closing", 
/**
 * Who closed the case, if known.
 */
by: string | null, 
/**
 * The deployment's own words, or `None` to use ours.
 */
text: string | null, } | { "phase": "shelved" } | { "phase": "over", 
/**
 * Which end it is.
 */
reason: EndReason, 
/**
 * Who ended it, if known.
 */
by: string | null, 
/**
 * When it ended.
 */
at: number, 
/**
 * Own messages that never left, for *Copy them*.
 */
unsent: number, 
/**
 * True if the deployment asks that the window goes away as well.
 */
closes_window: boolean, };

/**
 * Why a conversation is over.
 */
export type EndReason = "ended_by_me" | "ended_by_them" | "read_only" | "expired" | "lost" | "signed_out" | "signed_in_elsewhere";

/**
 * Where the connection stands.
 */
export type LinkView = { "link": "idle" } | { "link": "up" } | { "link": "down", 
/**
 * How many tries failed in a row.
 */
attempt: number, 
/**
 * When the next try is due.
 */
retry_at: number, 
/**
 * What is in the way: `offline`, `not_answering`, `rate_limited`, `captive_portal`, `unsafe_connection` and the like.
 */
cause: FaultCode, } | { "link": "restoring" };

/**
 * What lies before the first item of the timeline.
 */
export type HistoryView = "more" | "loading" | "complete";

/**
 * A message that is held back by the question whether it is meant as a new case.
 */
export type Guard = { 
/**
 * The words that wait. They stay in the composer until the question is answered.
 */
text: string, 
/**
 * Who closed the last case, if known.
 */
by: string | null, };

/**
 * Whether a conversation comes back after a restart.
 */
export type Memory = { "memory": "nothing" } | { "memory": "asking" } | { "memory": "kept" } | { "memory": "not_kept", 
/**
 * `keyring_locked`, `keyring_missing`, `keyring_failed`, or `disk_failed`: then nothing is sent or received until
 * there is room again, which is tried by itself.
 */
why: FaultCode, } | { "memory": "shared" };

/**
 * A company one can write to.
 */
export type DeploymentView = { 
/**
 * Name in the configuration file.
 */
id: string, 
/**
 * Name to show.
 */
name: string, 
/**
 * Brand colour, `#rrggbb`.
 */
brand: string | null, 
/**
 * True if a case may close while the chat stays open.
 */
asynchronous: boolean, 
/**
 * True if files can be sent when a chat begins; what holds while one runs is in [`Abilities`].
 */
pictures: boolean, 
/**
 * What is asked before the chat starts; empty if nothing is.
 */
form: Array<FormField>, 
/**
 * True for the pretend company on this computer.
 */
demo: boolean, 
/**
 * How long the company lets conversations be kept; `None` if it leaves that to the person. The shorter time counts.
 */
keep: Keep | null, 
/**
 * True if it came from the configuration file as it was when the program started or was added since; false if it
 * was removed and only its conversations remain.
 */
available: boolean, 
/**
 * True if the person may change and remove it: it was added in the window, or its entry says so.
 */
editable: boolean, };

/**
 * One field of the entry form.
 */
export type FormField = { 
/**
 * Wire name of the field, for instance `firstname`.
 */
name: string, 
/**
 * Label from the configuration; `None` lets the interface word well-known names itself.
 */
label: string | null, 
/**
 * What it holds.
 */
kind: FormFieldKind, 
/**
 * True if the chat cannot start without it.
 */
required: boolean, 
/**
 * What it contains at first.
 */
value: string | null, };

/**
 * What a field of the entry form holds.
 */
export type FormFieldKind = "text" | "email" | "phone" | "area";

/**
 * What a person may do in one conversation.
 */
export type Command = { "do": "start", 
/**
 * Values by field name.
 */
form: { [key in string]: string }, } | { "do": "send", 
/**
 * The words.
 */
text: string, } | { "do": "send_anyway" } | { "do": "dont_send" } | { "do": "retry", 
/**
 * Identifier of its item.
 */
item: string, } | { "do": "cancel", 
/**
 * Identifier of its item.
 */
item: string, } | { "do": "typing", 
/**
 * What the composer holds. It leaves the computer only if a deployment asks for previews.
 */
text: string, } | { "do": "draft", 
/**
 * What it holds.
 */
text: string, } | { "do": "older" } | { "do": "reveal", 
/**
 * Identifier of the item.
 */
item: string, } | { "do": "user_data", 
/**
 * Values by key.
 */
data: { [key in string]: string }, } | { "do": "try_now" } | { "do": "end" } | { "do": "seen" } | { "do": "choose", 
/**
 * Identifier of the offer's item.
 */
item: string, 
/**
 * Identifiers of the choices.
 */
choices: Array<string>, } | { "do": "fill", 
/**
 * Identifier of the offer's item.
 */
item: string, 
/**
 * By the question's identifier: words, a day, or the identifiers of choices.
 */
answers: { [key in string]: Array<string> }, } | { "do": "choose_banner", 
/**
 * Identifier of the choice.
 */
choice: string, } | { "do": "close_banner" } | { "do": "open_banner" } | { "do": "stay_on" } | { "do": "sign_in" } | { "do": "open_sign_in" } | { "do": "cancel_sign_in" } | { "do": "nickname", 
/**
 * The name.
 */
name: string, } | { "do": "notice", 
/**
 * What to tell.
 */
text: string, } | { "do": "inject", 
/**
 * What it says.
 */
text: string, } | { "do": "send_hidden", 
/**
 * The words.
 */
text: string, 
/**
 * A regular expression of what to hide from here on; without one these words are hidden wherever they stand alone.
 */
pattern: string | null, } | { "do": "hide", 
/**
 * The expressions.
 */
patterns: Array<string>, };

/**
 * Who was in a conversation and how much was said, as far as it is kept on this computer.
 */
export type Details = { 
/**
 * Everybody of the other side, in the order in which they came.
 */
people: Array<Attendance>, 
/**
 * When the first thing was said.
 */
started: number | null, 
/**
 * When the last thing was said.
 */
ended: number | null, 
/**
 * Messages, pictures, files and offers of the other side, and what cannot be shown of it.
 */
received: number, 
/**
 * Those of the person.
 */
sent: number, };

/**
 * Somebody's stay in a conversation.
 */
export type Attendance = { 
/**
 * Who.
 */
person: Person, 
/**
 * When they came, or were first heard of.
 */
from: number, 
/**
 * When they left; `None` if that was not told.
 */
until: number | null, };

/**
 * Everything outside of single conversations.
 */
export type AppView = { 
/**
 * All conversations, the one with the newest news first.
 */
conversations: Array<Row>, 
/**
 * All companies that can be written to.
 */
deployments: Array<DeploymentView>, 
/**
 * What could not be read from the configuration file; the rest of it is in use.
 */
config_faults: Array<ConfigFault>, 
/**
 * Services that a company can be added with.
 */
services: Array<ServiceView>, 
/**
 * The person's choices.
 */
settings: Settings, 
/**
 * Version of the program.
 */
version: string, 
/**
 * Whether what is said is kept on this computer.
 */
archive: ArchiveView, };

/**
 * Whether what is said is kept on this computer, encrypted.
 */
export type ArchiveView = { "archive": "opening" } | { "archive": "kept" } | { "archive": "rebuilt", 
/**
 * Where the unreadable file is now.
 */
aside: string, } | { "archive": "memory", 
/**
 * Why: what is wrong with the password store, or `disk_failed`.
 */
why: FaultCode, };

/**
 * How long conversations are kept on this computer.
 */
export type Keep = { "keep": "forever" } | { "keep": "days", 
/**
 * How many days, from 1.
 */
days: number, } | { "keep": "until_quit" };

/**
 * What a search found.
 */
export type SearchView = { 
/**
 * The newest messages that were found, newest first.
 */
hits: Array<SearchHit>, 
/**
 * True if there are more than these.
 */
more: boolean, };

/**
 * A message found by a search.
 */
export type SearchHit = { 
/**
 * In which conversation.
 */
conversation: string, 
/**
 * Name of the company.
 */
company: string, 
/**
 * Identifier of the item, for `Command::Reveal`.
 */
item: string, 
/**
 * When it happened.
 */
at: number, 
/**
 * Who wrote it.
 */
from: Person, 
/**
 * The words around the find, cut where finds begin and end. To be shown as text nodes.
 */
snippet: Array<SnippetRun>, };

/**
 * A stretch of the words around a find.
 */
export type SnippetRun = { 
/**
 * The characters to show.
 */
text: string, 
/**
 * Whether they are what was looked for.
 */
found: boolean, };

/**
 * As what a copy of a conversation is saved.
 */
export type CopyFormat = "text" | "json" | "html";

/**
 * One conversation in the list.
 */
export type Row = { 
/**
 * Name of the conversation.
 */
conversation: string, 
/**
 * Whom it is with.
 */
deployment: DeploymentView, 
/**
 * When something last happened; `None` if nothing did.
 */
at: number | null, 
/**
 * Messages not yet seen.
 */
unread: number, 
/**
 * The line under the name.
 */
snippet: Snippet, 
/**
 * The first words of what stands in the composer and was not sent; empty if nothing does.
 */
draft: string, };

/**
 * The line under a name in the list.
 */
export type Snippet = { "snippet": "empty" } | { "snippet": "message", 
/**
 * Who wrote it; role `me` is shown as "You".
 */
from: Person, 
/**
 * Its first words; `None` for a picture.
 */
text: string | null, } | { "snippet": "file", 
/**
 * Who sent it; role `me` is shown as "You".
 */
from: Person, 
/**
 * Its name.
 */
name: string, } | { "snippet": "unsupported", 
/**
 * Who sent it.
 */
from: Person, } | { "snippet": "waiting", 
/**
 * How many.
 */
count: number, } | { "snippet": "not_sent" } | { "snippet": "perhaps_sent" } | { "snippet": "case_closed" } | { "snippet": "over", 
/**
 * Which end it is.
 */
reason: EndReason, };

/**
 * A service that a company can be added with, and what has to be known of it.
 */
export type ServiceView = { 
/**
 * Name in the configuration file, for instance `digital_channels`.
 */
id: string, 
/**
 * Name to show, for instance "Genesys Digital Channels".
 */
name: string, 
/**
 * What to ask for, in this order.
 */
fields: Array<SettingField>, };

/**
 * One thing to know about a company's service.
 */
export type SettingField = { 
/**
 * Name in the configuration file, for instance `url`.
 */
name: string, 
/**
 * What it holds.
 */
kind: SettingKind, 
/**
 * True if the service cannot be reached without it.
 */
required: boolean, 
/**
 * An example of a good value.
 */
example: string | null, };

/**
 * What a setting of a service holds.
 */
export type SettingKind = "address" | "key" | "text";

/**
 * What the person enters to add a company.
 */
export type NewDeployment = { 
/**
 * Id of the company that this is once more: its entry is corrected, or it comes back under that id. `None` for another company.
 */
id: string | null, 
/**
 * One of [`AppView::services`].
 */
service: string, 
/**
 * Name in the list.
 */
name: string, 
/**
 * True if a case may close while the chat stays open.
 */
asynchronous: boolean, 
/**
 * Values of the service's fields.
 */
settings: { [key in string]: string }, };

/**
 * Something in the way of adding a company.
 */
export type FieldFault = { 
/**
 * Which field, or `None` if it is not about one.
 */
field: string | null, 
/**
 * What is wrong with it.
 */
fault: Fault, };

/**
 * A part of the configuration file that could not be used.
 */
export type ConfigFault = { 
/**
 * Path of the file.
 */
file: string, 
/**
 * Line, counted from 1, if it can be told.
 */
line: number | null, 
/**
 * Field, for instance `deployment[2].url`; empty if the file as a whole is meant.
 */
field: string, 
/**
 * What is wrong and what to do, in English.
 */
message: string, };

/**
 * The person's choices.
 */
export type Settings = { 
/**
 * How much a notification tells.
 */
notify: NotifyLevel, 
/**
 * Whether agents see that the person is typing.
 */
show_typing: boolean, 
/**
 * Whether agents see what the person has read.
 */
show_read: boolean, 
/**
 * Light, dark, or as the system has it.
 */
theme: Theme, 
/**
 * Whether it was explained that hiding the window does not quit.
 */
hiding_explained: boolean, 
/**
 * How long conversations are kept on this computer.
 */
keep: Keep, };

/**
 * How much a notification tells to whoever looks at the screen.
 */
export type NotifyLevel = "nothing" | "company" | "name" | "full";

/**
 * Which of the two looks.
 */
export type Theme = "system" | "light" | "dark";

/**
 * Something that is wrong.
 */
export type Fault = { 
/**
 * Stable name; the interface words it.
 */
code: FaultCode, 
/**
 * What can be done about it.
 */
class: FaultClass, 
/**
 * For "Details" and for support: a status, a service's own code or reference. Never a secret, never a message.
 */
detail: string | null, };

/**
 * What can be done about a fault; the drivers act on it.
 */
export type FaultClass = "retry" | "sign_in_again" | "gone" | "refused" | "malformed";

/**
 * Stable names of everything that can be wrong. A code is added only when an interface words it.
 */
export type FaultCode = "offline" | "not_answering" | "service_error" | "rate_limited" | "captive_portal" | "unreadable_answer" | "answer_too_large" | "unsafe_connection" | "bad_address" | "wrong_key" | "unknown_address" | "unknown_endpoint" | "name_missing" | "field_missing" | "field_bad" | "sign_in_again" | "sign_in_needed" | "sign_in_declined" | "sign_in_unfinished" | "sign_in_failed" | "chat_gone" | "chat_over" | "declined" | "file_type" | "file_size" | "file_empty" | "file_name" | "file_count" | "files_waiting" | "agent_needed" | "message_too_long" | "service_closed" | "open_elsewhere" | "cleared_elsewhere" | "unsupported" | "too_late" | "keyring_locked" | "keyring_missing" | "keyring_failed" | "disk_failed" | "perhaps_sent" | "archive_damaged" | "already_there" | "company_gone" | "company_broken" | "config_broken";
