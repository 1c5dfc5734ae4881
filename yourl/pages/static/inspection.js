"use strict";

/* What the page does with a script, and can do without: it compares the server's idea of the device with
   what the browser reports about itself, and adds the local time. copy.js comes before it. */

const DEVICE_NAMES = {
  pc: "a PC", phone: "a phone", tablet: "a tablet", watch: "a watch", tv: "a TV", xr: "an XR headset",
  car: "a car", bot: "a bot", unknown: "a device of no known kind",
};

// The values of Sec-CH-UA-Form-Factors, as the class each of them means here.
const FORM_FACTORS = {
  Desktop: "pc", Mobile: "phone", Tablet: "tablet", Watch: "watch", XR: "xr", EInk: "tablet", Automotive: "car",
};
// The page holds this many characters of the user agent that arrived.
const USER_AGENT_CUT = 500;
const DESKTOP_PLATFORMS = ["Windows", "macOS", "Linux", "Chrome OS", "Chromium OS"];

/* Pure. decided: {type, userAgent}, what the server knew. reported: {userAgent, touchPoints, coarse, hover,
   width, height, data}, what the browser says; data is null or {mobile, platform, formFactors, model}.
   Gives {agrees, looksLike, lines: [{agrees, text}]}; looksLike is a device class or null (nothing to add). */
function compareDevice(decided, reported) {
  const lines = [];
  const votes = [];
  const say = (agrees, text, looksLike) => {
    lines.push({ agrees, text });
    if (looksLike) { votes.push(looksLike); }
  };
  const is = (...types) => types.includes(decided.type);
  const data = reported.data;
  const shorter = Math.min(reported.width, reported.height);
  const longer = Math.max(reported.width, reported.height);
  const points = `${reported.touchPoints} touch ${reported.touchPoints === 1 ? "point" : "points"}`;
  const handheld = reported.touchPoints > 0 && reported.coarse && !reported.hover;

  if (decided.userAgent !== reported.userAgent.slice(0, USER_AGENT_CUT)) {
    say(false, "This browser's own user agent is not the one that arrived: something on the way, or the browser for this request, changed it.", null);
  }

  const factors = data && data.formFactors ? data.formFactors : [];
  const meant = factors.map((factor) => FORM_FACTORS[factor]).filter(Boolean);
  if (meant.length > 0) {
    const agrees = meant.includes(decided.type);
    say(agrees, `This browser names its form factor: ${factors.join(", ")}.`, agrees ? null : meant[0]);
  }

  const macintosh = /Macintosh/.test(reported.userAgent);
  if (macintosh && reported.touchPoints > 1) {
    const agrees = is("tablet");
    say(agrees, `This browser reports ${points}; a Mac has none: it looks like an iPad that calls itself a Mac.`, agrees ? null : "tablet");
  } else if (is("pc") && data && data.platform === "Android") {
    say(false, `This browser reports the platform Android: it looks like a ${shorter < 600 ? "phone" : "tablet"} that asks for desktop sites.`, shorter < 600 ? "phone" : "tablet");
  } else if (is("pc") && handheld) {
    say(false, `This browser reports ${points}, and neither a mouse nor a pen at hand: it looks like a ${shorter < 600 ? "phone" : "tablet"}.`, shorter < 600 ? "phone" : "tablet");
  } else if (is("pc")) {
    say(true, reported.touchPoints > 0 ? `This browser reports ${points} and a pointer that can hover, as a PC with a touch screen does.` : "This browser reports no touch points, as a PC without a touch screen does.", null);
  } else if (is("phone", "tablet") && reported.touchPoints === 0 && reported.hover && !reported.coarse) {
    say(false, "This browser reports no touch points and a pointer that hovers: it looks like a PC that shows itself as something else.", "pc");
  } else if (is("phone", "tablet")) {
    say(reported.touchPoints > 0, reported.touchPoints > 0 ? `This browser reports ${points}, as a ${decided.type} does.` : `This browser reports no touch points, which a ${decided.type} would have.`, null);
  }

  if (data && data.mobile && is("pc")) {
    say(false, "This browser says that it prefers pages for mobile devices.", "phone");
  } else if (data && !data.mobile && is("phone") && DESKTOP_PLATFORMS.includes(data.platform)) {
    say(false, `This browser says that it is no mobile browser and runs on ${data.platform}.`, "pc");
  }

  if (longer > 0 && longer < 300 && is("pc", "phone", "tablet")) {
    say(false, `The screen is ${reported.width} by ${reported.height} CSS pixels: that is the size of a watch.`, "watch");
  } else if (is("watch") && shorter > 500) {
    say(false, `The screen is ${reported.width} by ${reported.height} CSS pixels: no watch is that large.`, handheld ? "tablet" : "pc");
  } else if (is("phone") && reported.touchPoints > 0 && shorter >= 700) {
    say(false, `The screen is ${reported.width} by ${reported.height} CSS pixels: that is the size of a tablet.`, "tablet");
  } else if (is("tablet") && shorter > 0 && shorter < 480) {
    say(false, `The screen is ${reported.width} by ${reported.height} CSS pixels: that is the size of a phone.`, "phone");
  } else if (is("watch") && longer < 500) {
    say(true, `The screen is ${reported.width} by ${reported.height} CSS pixels, the size of a watch.`, null);
  }

  return {
    agrees: lines.every((line) => line.agrees),
    looksLike: votes.length > 0 ? votes[0] : null,
    lines,
  };
}

async function readBrowser() {
  const data = navigator.userAgentData;
  let more = {};
  if (data && data.getHighEntropyValues) {
    try {
      more = await data.getHighEntropyValues(["formFactors", "model", "platformVersion"]);
    } catch {
      more = {}; // a browser may refuse; what it gives unasked is enough
    }
  }
  return {
    userAgent: navigator.userAgent,
    touchPoints: navigator.maxTouchPoints || 0,
    coarse: matchMedia("(pointer: coarse)").matches,
    hover: matchMedia("(hover: hover)").matches,
    width: screen.width,
    height: screen.height,
    data: data ? {
      mobile: Boolean(data.mobile),
      platform: data.platform || "",
      formFactors: more.formFactors || [],
      model: more.model || "",
    } : null,
  };
}

function factsOf(reported) {
  const facts = [
    ["Touch points", String(reported.touchPoints)],
    ["Main pointer", `${reported.coarse ? "coarse, like a finger" : "fine, like a mouse"}; ${reported.hover ? "hovers" : "does not hover"}`],
    ["Screen", `${reported.width} by ${reported.height} CSS pixels`],
  ];
  if (reported.data) {
    facts.push(["Platform", reported.data.platform || "not told"]);
    facts.push(["Mobile", reported.data.mobile ? "yes" : "no"]);
    if (reported.data.formFactors.length > 0) { facts.push(["Form factor", reported.data.formFactors.join(", ")]); }
    if (reported.data.model) { facts.push(["Model", reported.data.model]); }
  }
  return facts;
}

function verdictOf(comparison, type) {
  const decided = DEVICE_NAMES[type] || DEVICE_NAMES.unknown;
  if (comparison.lines.length === 0) { return `The server decided: ${decided}. The browser reports nothing for or against it.`; }
  if (comparison.agrees) { return `Server and browser agree: this is ${decided}.`; }
  if (comparison.looksLike) { return `They disagree: the server decided ${decided}, the browser looks like ${DEVICE_NAMES[comparison.looksLike]}.`; }
  return `They differ: the server decided ${decided}, and not all that the browser reports fits.`;
}

async function showComparison() {
  const section = document.getElementById("device");
  if (!section) { return; }
  const decided = { type: section.dataset.deviceType, userAgent: section.dataset.userAgent };
  const reported = await readBrowser();
  const comparison = compareDevice(decided, reported);
  document.getElementById("browser-verdict").textContent = verdictOf(comparison, decided.type);
  for (const line of comparison.lines) {
    const word = element("strong", "", line.agrees ? "Agrees: " : "Differs: ");
    document.getElementById("browser-lines").append(
      element("li", line.agrees ? "agrees" : "differs", icon(line.agrees ? "yes" : "warning"), element("span", "", word, line.text)));
  }
  for (const [name, told] of factsOf(reported)) {
    document.getElementById("browser-facts").append(
      element("div", "", element("dt", "", name), element("dd", "", told)));
  }
  document.getElementById("browser-says").hidden = false;
}

function showLocalTime() {
  const time = document.getElementById("timestamp");
  const moment = new Date(time.dateTime);
  if (Number.isNaN(moment.getTime())) { return; }
  time.textContent = moment.toLocaleString([], { dateStyle: "medium", timeStyle: "medium" });
}

showLocalTime();
showComparison();
