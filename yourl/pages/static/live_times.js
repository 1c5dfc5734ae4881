"use strict";

/* Times of the live pages: local time first, UTC on demand. */

const moments = { utc: false };

function momentWords(date) {
  if (moments.utc) { return `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`; }
  const today = new Date();
  const sameDay = date.toDateString() === today.toDateString();
  return sameDay ? date.toLocaleTimeString([], { timeStyle: "medium" })
    : date.toLocaleString([], { dateStyle: "medium", timeStyle: "medium" });
}

function showMoments(root) {
  for (const time of root.querySelectorAll("time.moment")) {
    const date = new Date(time.dateTime);
    if (Number.isNaN(date.getTime())) { continue; }
    time.textContent = momentWords(date);
    time.title = moments.utc ? date.toLocaleString() : time.dateTime;
  }
}

showMoments(document);
