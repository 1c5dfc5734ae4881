"use strict";

/* Elements, and buttons that copy, for every page with a script. All that is written is text, never markup. */

function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className) { made.className = className; }
  made.append(...children);
  return made;
}

function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const made = document.createElementNS(space, "svg");
  const use = document.createElementNS(space, "use");
  made.setAttribute("class", "icon");
  made.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `#i-${name}`);
  made.append(use);
  return made;
}

async function copyText(block) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(block.textContent);
    return;
  }
  // Over plain HTTP there is no clipboard interface; the selection works everywhere.
  getSelection().selectAllChildren(block);
  if (!document.execCommand("copy")) { throw new Error("refused"); }
}

function addCopyButtons() {
  for (const block of document.querySelectorAll("pre[data-copy]")) {
    const button = element("button", "copy", "Copy");
    button.type = "button";
    button.addEventListener("click", async () => {
      try {
        await copyText(block);
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(block);
        button.textContent = "Selected";
      }
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
    const frame = element("div", "with-copy");
    block.replaceWith(frame);
    frame.append(block, button);
  }
}

addCopyButtons();
