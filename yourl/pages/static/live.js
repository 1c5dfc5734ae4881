"use strict";

/* The live page: asks the server for what is new and puts it at the top, and the keys. The server waits with
   its answer until something has arrived, so a new request is here at once. */

const WAIT_SECONDS = 25;
const MOST_AT_ONCE = 100;
const FIRST_ID = "0".repeat(32);
/* Between two rounds: short enough to be there within a second, long enough that a flood costs little. */
const PAUSE = 1000;
const PAUSE_BEHIND = 1500;
const PAUSE_HIDDEN = 3000;
const LONGEST_PAUSE = 30000;
const OVERVIEW_EVERY = 10000;
const ANNOUNCE_AFTER = 1000;

const main = document.getElementById("live");
const live = main.dataset.live;
const FILTERS = main.dataset.filters.split(" ");
const MOST_ROWS = Number(main.dataset.mostRows);
const rows = document.getElementById("rows");
const blank = document.getElementById("blank");
const byId = (id) => document.getElementById(id);

const feed = {
  newest: main.dataset.newest || FIRST_ID,
  hasMore: false,     // whether the last listing was full
  paused: false,
  waiting: [],        // requests that arrived while paused, newest first
  waitingCount: 0,
  unseen: 0,          // arrived while nobody looked at the page
  unannounced: 0,
  announcing: false,
  failures: 0,
  overviewAt: Date.now(),
  overviewDue: false,
};

const sleep = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });
const counted = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

function address(path, more) {
  const query = new URLSearchParams();
  const given = new URLSearchParams(location.search);
  for (const name of FILTERS) {
    const value = given.get(name);
    if (value) { query.set(name === "q" && path === "/wait" ? "match" : name, value); }
  }
  for (const [name, value] of Object.entries(more)) { query.set(name, value); }
  return `${live}${path}?${query}`;
}

function showState(state, words) {
  byId("state").dataset.state = state;
  byId("state-words").textContent = words;
}

function showTrouble(words, signIn) {
  byId("trouble").hidden = !words;
  byId("trouble-words").textContent = words;
  byId("sign-in").hidden = !signIn;
}

function showTitle() {
  const count = feed.waitingCount + feed.unseen;
  document.title = count ? `(${count}) Live · yourl` : "Live · yourl";
}

/* One polite sentence for all that came within a second. */
function announce(count) {
  feed.unannounced += count;
  if (feed.announcing) { return; }
  feed.announcing = true;
  setTimeout(() => {
    const paused = feed.paused ? " while paused" : "";
    byId("announcement").textContent = `${counted(feed.unannounced, "new request")}${paused}.`;
    feed.unannounced = 0;
    feed.announcing = false;
  }, ANNOUNCE_AFTER);
}

/* newestFirst: summaries. */
function insert(newestFirst) {
  const made = document.createDocumentFragment();
  for (const request of newestFirst) {
    const row = makeRow(blank, live, request);
    row.classList.add("is-new");
    made.append(row);
  }
  showMoments(made);
  rows.prepend(made);
  while (rows.childElementCount > MOST_ROWS) { rows.lastElementChild.remove(); }
  rows.closest("table").hidden = rows.childElementCount === 0;
  const empty = byId("empty");
  if (empty && rows.childElementCount > 0) { empty.remove(); }
  continueAfterLastRow();
}

/* What was dropped at the end of a long list is behind the link to older requests. */
function continueAfterLastRow() {
  if (rows.childElementCount < MOST_ROWS) { return; }
  const link = byId("older-link") || element("a", "button", "Older requests");
  link.id = "older-link";
  link.href = address("", { before: rows.lastElementChild.dataset.id });
  byId("older").append(link);
}

function take(oldestFirst) {
  const arrived = oldestFirst.slice().reverse();
  feed.newest = arrived[0].id;
  if (feed.paused) {
    feed.waitingCount += arrived.length;
    feed.waiting = [...arrived, ...feed.waiting].slice(0, MOST_ROWS);
    showWaiting();
  } else {
    insert(arrived);
  }
  if (document.hidden) { feed.unseen += arrived.length; }
  feed.overviewDue = true;
  announce(arrived.length);
  showTitle();
}

function showWaiting() {
  byId("waiting").hidden = feed.waitingCount === 0;
  byId("show-waiting").textContent = `Show ${counted(feed.waitingCount, "new request")}`;
}

function setPaused(paused) {
  feed.paused = paused;
  byId("pause").setAttribute("aria-pressed", String(paused));
  byId("pause").textContent = paused ? "Resume" : "Pause";
  if (!paused && feed.waiting.length > 0) { insert(feed.waiting); }
  if (!paused) {
    feed.waiting = [];
    feed.waitingCount = 0;
  }
  showWaiting();
  showTitle();
  if (feed.failures === 0) { showState(paused ? "paused" : "live", paused ? "Paused" : "Live"); }
}

/* Gives the answer; throws {status}, 0 where there was none. */
async function ask(url) {
  let answer;
  try {
    answer = await fetch(url, { credentials: "same-origin", headers: { Accept: "application/json" }, cache: "no-store" });
  } catch {
    throw { status: 0 };
  }
  if (!answer.ok || answer.redirected) { throw { status: answer.redirected ? 401 : answer.status }; }
  return answer;
}

/* One round: wait until something is there, then list all that is newer than the newest known. */
async function round() {
  if (!feed.hasMore) {
    const waited = await ask(address("/wait", { after: feed.newest, timeout: WAIT_SECONDS }));
    if (waited.status === 204) { return; }
    await waited.body?.cancel();
  }
  const listed = await (await ask(address("/requests", { after: feed.newest, limit: MOST_AT_ONCE }))).json();
  feed.hasMore = listed.requests.length === MOST_AT_ONCE;
  if (listed.requests.length > 0) { take(listed.requests); }
}

async function refreshOverview() {
  const current = byId("overview");
  const busy = document.hidden || current.contains(document.activeElement) || current.querySelector("details[open]");
  if (!feed.overviewDue || busy || Date.now() - feed.overviewAt < OVERVIEW_EVERY) { return; }
  feed.overviewDue = false;
  feed.overviewAt = Date.now();
  const answer = await fetch(address("", { limit: 1 }), { credentials: "same-origin", headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) { return; }
  // The page as the server escapes it for everyone; a document that is parsed this way runs nothing.
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("overview");
  if (fresh) {
    current.replaceWith(document.importNode(fresh, true));
    showMoments(byId("overview"));
  }
}

/* Whether to go on. */
function explain(status) {
  if (status === 401 || status === 403) {
    showState("over", "Stopped");
    showTrouble("The session is over.", true);
    return false;
  }
  if (status === 400 || status === 404) {
    showState("over", "Stopped");
    showTrouble("The server does not accept these filters.", false);
    return false;
  }
  const seconds = Math.round(pauseAfterFailure() / 1000);
  const why = status === 503 ? "The store is away" : status === 0 ? "The server does not answer" : `The server answered with ${status}`;
  showState("away", "Away");
  showTrouble(`${why}; the next try is in ${counted(seconds, "second")}.`, false);
  return true;
}

function pauseAfterFailure() {
  return Math.min(1000 * 2 ** (feed.failures - 1), LONGEST_PAUSE);
}

async function follow() {
  showState("live", "Live");
  for (;;) {
    try {
      await round();
      await refreshOverview().catch(() => {});
      if (feed.failures > 0) {
        feed.failures = 0;
        showTrouble("", false);
        showState(feed.paused ? "paused" : "live", feed.paused ? "Paused" : "Live");
      }
      await sleep(document.hidden ? PAUSE_HIDDEN : feed.hasMore ? PAUSE_BEHIND : PAUSE);
    } catch (problem) {
      feed.failures += 1;
      if (!explain(problem.status ?? 0)) { return; }
      await sleep(pauseAfterFailure());
    }
  }
}

/* Keys */

function moveTo(step) {
  const links = [...rows.querySelectorAll("a.open")];
  const current = links.indexOf(document.activeElement);
  const next = current < 0 ? (step > 0 ? 0 : links.length - 1) : current + step;
  links[next]?.focus();
}

function choose(name) {
  const row = document.activeElement?.closest("#rows > tr");
  row?.querySelector(`input[name=${name}]`)?.click();
  row?.querySelector("a.open").focus();
}

const KEYS = {
  j: () => moveTo(1),
  ArrowDown: () => moveTo(1),
  k: () => moveTo(-1),
  ArrowUp: () => moveTo(-1),
  a: () => choose("a"),
  b: () => choose("b"),
  c: () => byId("compare").requestSubmit(),
  p: () => setPaused(!feed.paused),
  "/": () => { byId("f-q").focus(); byId("f-q").select(); },
  "?": () => byId("keys").showModal(),
};

function onKey(event) {
  const target = event.target;
  if (event.key === "Escape" && target.matches("input, select")) {
    target.blur();
    return;
  }
  const busy = target.matches("input, select, textarea, summary, pre") || byId("keys").open;
  if (busy || event.ctrlKey || event.metaKey || event.altKey || !byId("keys-on").checked) { return; }
  // Arrows scroll the page, except from one request to the next.
  if (event.key.startsWith("Arrow") && !target.closest("#rows")) { return; }
  const act = Object.hasOwn(KEYS, event.key) ? KEYS[event.key] : null;
  if (act) {
    event.preventDefault();
    act();
  }
}

function showOrigin() {
  const command = document.querySelector("[data-origin] bdi, pre[data-origin]");
  if (command) { command.textContent = command.textContent.replace("http://SERVER", location.origin); }
}

function begin() {
  byId("utc").addEventListener("click", () => {
    moments.utc = !moments.utc;
    byId("utc").setAttribute("aria-pressed", String(moments.utc));
    showMoments(document);
  });
  byId("pause").addEventListener("click", () => setPaused(!feed.paused));
  byId("show-waiting").addEventListener("click", () => setPaused(false));
  byId("show-keys").addEventListener("click", () => byId("keys").showModal());
  byId("close-keys").addEventListener("click", () => byId("keys").close());
  document.addEventListener("keydown", onKey);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) {
      feed.unseen = 0;
      showTitle();
    }
  });
  showOrigin();
  byId("controls").hidden = false;
  if (main.dataset.older) {
    showState("paused", "Older requests");
    byId("pause").hidden = true;
  } else {
    follow();
  }
}

begin();
