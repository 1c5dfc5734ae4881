"use strict";

/* Rows of requests that arrive while the page is open. Every stored value is set as text, never as markup,
   and what a reader could not see is named as on the rest of the page. */

/* Class of device -> its name, as the filter has them. */
const DEVICES = Object.fromEntries(Array.from(
  document.querySelectorAll("#f-device option"), (option) => [option.value, option.textContent]));
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\uffff\ud800-\udfff\u{e0000}-\u{e0fff}]+/gu;
const FINDINGS_SHOWN = 3;
const NAMES_PER_RUN = 8;

/* Put the beginning of a value into an element, as text. */
function setText(target, value, limit) {
  const text = String(value);
  // A cut between the halves of a pair would leave one of them, which is shown by its name.
  const shown = text.slice(0, limit);
  let from = 0;
  target.replaceChildren();
  for (const run of shown.matchAll(UNSEEN)) {
    const names = Array.from(run[0], (character) => `U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`);
    const more = names.length > NAMES_PER_RUN ? [`and ${names.length - NAMES_PER_RUN} more`] : [];
    target.append(shown.slice(from, run.index), element("span", "unseen", [...names.slice(0, NAMES_PER_RUN), ...more].join(" ")));
    from = run.index + run[0].length;
  }
  target.append(shown.slice(from));
  if (text.length > limit) { target.append(element("span", "more", `… ${text.length - limit} more characters`)); }
}

function sizeWords(size) {
  if (size < 1000) { return `${size} B`; }
  const [unit, amount] = size >= 1e9 ? ["GB", 1e9] : size >= 1e6 ? ["MB", 1e6] : ["KB", 1e3];
  return `${(size / amount).toFixed(1)} ${unit}`;
}

/* The path and the query of a URL. */
function pathAndQuery(url) {
  const match = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?#]*([^?#]*)(.*)$/s.exec(url);
  return match ? [match[1] || "/", match[2]] : [url, ""];
}

function makeRow(blank, live, request) {
  const row = blank.content.firstElementChild.cloneNode(true);
  const slot = (name) => row.querySelector(`[data-slot=${name}]`);
  const address = `${live}/requests/${encodeURIComponent(request.id)}`;
  const [path, query] = pathAndQuery(request.url);
  row.dataset.id = request.id;
  const time = row.querySelector("time");
  time.dateTime = request.time;
  setText(time, request.time, 40);
  row.querySelector("a.open").href = address;
  setText(slot("method"), request.method, 40);
  const asked = element("span", "url-query");
  setText(asked, query, 300);
  setText(slot("path"), path, 300);
  slot("path").append(asked);
  slot("inbox").href = `${live}?inbox=${encodeURIComponent(request.inbox)}`;
  setText(slot("inbox"), request.inbox, 80);
  setText(slot("content"), request.content_type ? `${sizeWords(request.size)} of ${request.content_type}` : sizeWords(request.size), 100);
  const device = request.device_type in DEVICES ? request.device_type : "unknown";
  row.querySelector(".cell-from use").setAttribute("href", `#i-device-${device}`);
  slot("device").textContent = DEVICES[device];
  setText(slot("client"), request.client || "unknown", 80);
  slot("status").textContent = String(request.status);
  slot("status").className = `status status-${Math.floor(request.status / 100)}xx`;
  fillSignature(row, slot, request.signature);
  fillFindings(row, request.findings);
  fillActions(row, address, request);
  return row;
}

function fillSignature(row, slot, signature) {
  if (!signature) {
    row.querySelector(".signature").remove();
    return;
  }
  const mark = row.querySelector(".signature .mark");
  mark.className = `mark ${signature.valid ? "mark-trusted" : "mark-error"}`;
  mark.querySelector("use").setAttribute("href", signature.valid ? "#i-trusted" : "#i-no");
  slot("signature").textContent = signature.valid ? "Signed" : "Bad signature";
  setText(slot("why"), signature.why, 160);
}

function fillFindings(row, findings) {
  const list = row.querySelector(".codes");
  if (findings.length === 0) {
    list.remove();
    return;
  }
  const item = list.firstElementChild;
  list.replaceChildren();
  for (const code of findings.slice(0, FINDINGS_SHOWN)) {
    const made = item.cloneNode(true);
    setText(made.querySelector("[data-slot=finding]"), code, 60);
    list.append(made);
  }
  if (findings.length > FINDINGS_SHOWN) { list.append(element("li", "small", `${findings.length - FINDINGS_SHOWN} more`)); }
}

function cut(text, limit) {
  return text.length > limit ? `${text.slice(0, limit - 1)}…` : text;
}

function fillActions(row, address, request) {
  const named = `${cut(request.method, 20)} ${cut(request.url, 80)}`.replace(UNSEEN, "\ufffd");
  for (const input of row.querySelectorAll("input[type=radio]")) {
    input.value = request.id;
    input.setAttribute("aria-label", `Compare as ${input.name.toUpperCase()}: ${named}`);
  }
  const remove = row.querySelector(".icon-button");
  if (remove) {
    remove.setAttribute("formaction", `${address}/delete`);
    remove.setAttribute("aria-label", `Delete ${named}`);
  }
}
