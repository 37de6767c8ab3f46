// The agent console: shows the chats of the sandbox and sends what a person does to the control API. Everything that
// came from a chat is put on the page as text, never as markup.
"use strict";

const byId = (id) => document.getElementById(id);

// The faults one can choose, with the words on the page and what the control API is told.
const KINDS = [
  ["too many requests (429)", { kind: "status", code: 429, retry_after: 5 }],
  ["a server error (500)", { kind: "status", code: 500 }],
  ["an error page (502, HTML)", { kind: "status", code: 502, body: "html" }],
  ["an unknown chat (404)", { kind: "status", code: 404 }],
  ["a refused token (401)", { kind: "status", code: 401 }],
  ["a refused key (403)", { kind: "status", code: 403 }],
  ["a lost connection", { kind: "drop" }],
  ["a lost answer", { kind: "drop", after_effect: true }],
  ["an answer 5 seconds late", { kind: "slow", ms: 5000 }],
  ["a body that trickles", { kind: "slow_body", ms: 5000 }],
  ["no answer at all", { kind: "hang" }],
  ["half of the JSON", { kind: "truncated" }],
  ["a connection cut in the middle", { kind: "cut_body" }],
  ["a 10 MB answer", { kind: "oversized" }],
  ["a number as status code", { kind: "numeric_status", value: 1, code: 400 }],
  ["a sign-in page of the network", { kind: "html" }],
];

const state = { version: null, selected: null, chats: [], chat: null, shown: "" };

async function call(method, path, body) {
  const request = { method, headers: {} };
  if (body !== undefined) {
    request.headers["content-type"] = "application/json";
    request.body = JSON.stringify(body);
  }
  const response = await fetch("/control" + path, request);
  const answer = await response.json();
  if (!response.ok) {
    throw new Error(answer.error || "The sandbox answered " + response.status + ".");
  }
  return answer;
}

function say(text) {
  byId("message").textContent = text;
}

// Runs what a button does, and says so if it could not be done.
async function run(work) {
  try {
    await work();
    say("");
  } catch (error) {
    say(error.message);
  }
}

function act(action, body) {
  return run(async () => {
    if (state.selected === null) {
      throw new Error("Select a chat first.");
    }
    await call("POST", "/sessions/" + encodeURIComponent(state.selected) + "/" + action, body || {});
  });
}

function element(name, text, className) {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) {
    made.className = className;
  }
  return made;
}

function button(text, label, work) {
  const made = element("button", text);
  made.type = "button";
  made.setAttribute("aria-label", label);
  made.addEventListener("click", work);
  return made;
}

function speaker() {
  const present = state.chat ? state.chat.participants.filter((one) => one.present && one.who !== "customer") : [];
  return present.length > 0 ? present[present.length - 1].name : null;
}

function chatState(chat) {
  if (chat.dead) {
    return "Lost";
  }
  if (chat.ended) {
    return "Ended";
  }
  const names = chat.participants.filter((one) => one.present && one.who !== "customer").map((one) => one.name);
  return names.length > 0 ? "With " + names.join(", ") : "Waiting for somebody";
}

function drawChats() {
  const list = byId("chats");
  const focused = list.contains(document.activeElement) ? document.activeElement.dataset.session : null;
  list.replaceChildren();
  byId("no-chats").hidden = state.chats.length > 0;
  for (const chat of state.chats) {
    const item = document.createElement("li");
    const choose = document.createElement("button");
    choose.type = "button";
    choose.dataset.session = chat.id;
    choose.setAttribute("aria-current", String(chat.id === state.selected));
    choose.append(element("span", chat.nickname || "Somebody"), element("span", chatState(chat), "quiet"));
    choose.addEventListener("click", () => select(chat.id));
    item.append(choose);
    list.append(item);
    if (chat.id === focused) {
      choose.focus();
    }
  }
}

function line(row) {
  const who = row.name || row.who || "Somebody";
  const time = new Date(row.at).toLocaleTimeString();
  const bubble = (text) => {
    const made = element("p", "", row.who === "customer" ? "customer" : "");
    made.append(element("span", who + ", " + time, "who"), document.createTextNode(text));
    return made;
  };
  switch (row.kind) {
    case "text":
    case "link":
      return bubble(row.text);
    case "picture":
      return bubble("Picture: " + (row.text || "without a name"));
    case "file":
      return bubble("File: " + (row.text || "without a name"));
    case "structured":
      return bubble("To choose from: " + (row.text || "without words"));
    case "joined":
      return element("p", who + " joined " + time, "event");
    case "left":
      return element("p", who + " left " + time, "event");
    case "state":
      return element("p", "State " + (row.text || "?") + " " + time, "event");
    case "banner":
      return element("p", "Banner: " + row.text + " " + time, "event");
    case "notice":
    case "idle_alert":
      return element("p", "Notice: " + row.text + " " + time, "event");
    case "ended":
      return element("p", "The chat ended " + time, "event");
    case "typing":
    case "typing_stopped":
      return null;
    default:
      return element("p", "Something else " + time, "event");
  }
}

function drawChat() {
  const chat = state.chat;
  byId("chat-body").hidden = chat === null;
  byId("chat-title").textContent = chat ? chat.nickname || "Somebody" : "No chat selected";
  byId("chat-facts").textContent = chat ? chatState(chat) + ". Came through " + chat.service + ", " + chat.endpoint + "." : "";
  byId("speaker").textContent = speaker() || "nobody";
  for (const id of ["send", "picture", "typing-on"]) {
    byId(id).disabled = speaker() === null;
  }
  if (speaker() === null) {
    byId("typing-on").checked = false;
  }
  if (chat === null) {
    return;
  }
  const log = byId("log");
  // Only new lines are added, so that a screen reader hears each of them once.
  const key = chat.id;
  if (state.shown !== key || log.dataset.rows === undefined || Number(log.dataset.rows) > chat.transcript.length) {
    log.replaceChildren();
    log.dataset.rows = "0";
    state.shown = key;
  }
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  for (const row of chat.transcript.slice(Number(log.dataset.rows))) {
    const made = line(row);
    if (made) {
      log.append(made);
    }
  }
  log.dataset.rows = String(chat.transcript.length);
  if (atEnd) {
    log.scrollTop = log.scrollHeight;
  }
  const typed = chat.customer_typing;
  const name = chat.nickname || "The customer";
  byId("typing").textContent = typed === null ? "" : typed === "" ? name + " is typing" : name + " is typing: " + typed;
  drawList("present", chat.participants.filter((one) => one.present && one.who !== "customer"), (one) => [
    one.name + ", " + one.type,
    button("Leave", "Leave: " + one.name, () => act("leave", { by: one.id })),
  ]);
  drawList("faults", chat.faults, (one) => [
    one.fault.kind + " on " + one.fault.on + (one.left === null ? "" : ", " + one.left + " left"),
    button("Remove", "Remove: " + one.fault.kind + " on " + one.fault.on, () => run(() => call("DELETE", "/faults/" + one.id))),
  ]);
}

function drawList(id, rows, parts) {
  const list = byId(id);
  const text = JSON.stringify(rows);
  if (list.dataset.drawn === text) {
    return;
  }
  list.dataset.drawn = text;
  list.replaceChildren();
  for (const row of rows) {
    const item = document.createElement("li");
    const [words, control] = parts(row);
    item.append(element("span", words), control);
    list.append(item);
  }
}

async function select(id) {
  state.selected = id;
  byId("typing-on").checked = false;
  await run(refreshChat);
  drawChats();
}

async function refreshChat() {
  const wanted = state.selected;
  if (wanted === null) {
    state.chat = null;
  } else {
    const chat = await call("GET", "/sessions/" + encodeURIComponent(wanted));
    // Somebody may have selected another chat meanwhile.
    if (wanted === state.selected) {
      state.chat = chat;
    }
  }
  drawChat();
}

async function follow() {
  for (;;) {
    try {
      const query = state.version === null ? "" : "?since=" + state.version + "&wait_ms=20000";
      const answer = await call("GET", "/sessions" + query);
      if (!answer.unchanged) {
        state.version = answer.version;
        state.chats = answer.sessions;
        const known = state.chats.some((chat) => chat.id === state.selected);
        if (!known) {
          state.selected = state.chats.length > 0 ? state.chats[0].id : null;
        }
        drawChats();
        await refreshChat();
      }
      if (byId("message").textContent.startsWith("The sandbox is not")) {
        say("");
      }
    } catch (error) {
      say("The sandbox is not answering. Trying again in 2 seconds.");
      await new Promise((resolve) => setTimeout(resolve, 2000));
    }
  }
}

function start() {
  const kinds = byId("fault-kind");
  KINDS.forEach(([words], at) => {
    const option = element("option", words);
    option.value = String(at);
    kinds.append(option);
  });
  byId("place").textContent = "A pretend contact centre at " + location.host;
  byId("write").addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = byId("text").value.trim();
    if (text === "") {
      return;
    }
    await run(async () => {
      if (byId("typing-on").checked) {
        byId("typing-on").checked = false;
        await call("POST", "/sessions/" + encodeURIComponent(state.selected) + "/typing", { on: false });
      }
      await call("POST", "/sessions/" + encodeURIComponent(state.selected) + "/say", { text });
      byId("text").value = "";
    });
    byId("text").focus();
  });
  byId("text").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      byId("write").requestSubmit();
    }
  });
  byId("typing-on").addEventListener("change", (event) => act("typing", { on: event.target.checked }));
  byId("picture").addEventListener("click", () => act("image"));
  byId("join").addEventListener("click", () =>
    act("join", { name: byId("name").value.trim() || "Agent", type: byId("kind").value }),
  );
  byId("finalize").addEventListener("click", () => act("state", { state: "Finalizing" }));
  byId("complete").addEventListener("click", () => act("state", { state: "Completed" }));
  byId("set-state").addEventListener("click", () => {
    const word = byId("state").value.trim();
    if (word === "") {
      byId("state").focus();
    } else {
      act("state", { state: word });
    }
  });
  byId("end").addEventListener("click", () => act("end"));
  byId("kill").addEventListener("click", () => act("kill"));
  byId("restart").addEventListener("click", () => run(() => call("POST", "/restart", { down_ms: 5000 })));
  byId("add-fault").addEventListener("click", () =>
    run(async () => {
      const [, fault] = KINDS[Number(kinds.value)];
      const times = Math.max(1, Number(byId("fault-times").value) || 1);
      await call("POST", "/faults", { on: byId("fault-on").value, times, ...fault });
      // A poll that is open already would not meet the fault.
      await call("POST", "/release");
    }),
  );
  follow();
}

start();
