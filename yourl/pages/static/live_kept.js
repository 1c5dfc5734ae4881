"use strict";

/* The page of one kept request: local time, and exports that are copied instead of opened. */

const stamp = document.getElementById("timestamp");
if (stamp) {
  const arrived = new Date(stamp.dateTime);
  if (!Number.isNaN(arrived.getTime())) {
    stamp.textContent = arrived.toLocaleString([], { dateStyle: "medium", timeStyle: "medium" });
  }
}

async function copyExport(link) {
  const says = document.getElementById("export-says");
  const box = document.getElementById("export-text");
  says.textContent = "Loading";
  document.getElementById("export").hidden = false;
  try {
    const answer = await fetch(link.href, { credentials: "same-origin" });
    if (!answer.ok) { throw new Error(String(answer.status)); }
    box.textContent = await answer.text();
  } catch {
    box.textContent = "";
    says.textContent = "The server did not give it. Is the session over?";
    return;
  }
  try {
    await copyText(box);
    says.textContent = `Copied: ${link.dataset.export}`;
  } catch {
    getSelection().selectAllChildren(box);
    says.textContent = `Selected: ${link.dataset.export}`;
  }
}

for (const link of document.querySelectorAll("a[data-export]")) {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) { return; }
    event.preventDefault();
    copyExport(link);
  });
}
