/* The chat page: a browser's view of one case. Everything that comes from the bot or the user is set as text, never as HTML. */
(() => {
  "use strict";

  const root = document.getElementById("chat");
  if (!root) return;
  const absent = document.getElementById("no-bot");
  const KEPT = "blip-case";
  const MAX_FILES = 8;

  let session = { name: null, log: [] };
  let files = [];
  let busy = false;

  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (value === true) element.setAttribute(name, "");
      else if (value !== false && value != null) element.setAttribute(name, value);
    }
    element.append(...children.filter((child) => child != null));
    return element;
  };

  // The page.
  const log = make("div", { class: "log", role: "log", "aria-live": "polite", "aria-label": "Conversation with Blip" });
  const suspects = make("details", { class: "suspects", hidden: true });
  const status = make("p", { class: "status", role: "status" });
  const box = make("textarea", {
    id: "say", rows: 3, maxlength: 200000, "aria-describedby": "say-hint",
    placeholder: "One of our servers drops off the network a few hours after the nightly backup …",
  });
  const picker = make("input", { type: "file", multiple: true, id: "files", class: "visually-hidden" });
  const chosen = make("ul", { class: "files", "aria-label": "Files to send" });
  const send = make("button", { type: "submit", class: "send" }, "Send");
  const commands = make("div", { class: "commands", role: "group", "aria-label": "Commands" });
  for (const [word, label] of [["why", "Why this check?"], ["undo", "Undo"], ["skip", "I can't run that"], ["summary", "Summary"]]) {
    commands.append(make("button", { type: "button", onclick: () => post({ text: word }, label) }, label));
  }
  commands.append(make("button", { type: "button", onclick: restart }, "New case"));
  const form = make("form", { class: "compose", "aria-label": "Message" },
    make("label", { for: "say" }, "What happens?"), box,
    make("p", { id: "say-hint", class: "hint" }, "Enter sends, Shift+Enter starts a new line. Paste output, or drop a log or a capture here."),
    chosen, make("div", { class: "row" }, picker, make("label", { for: "files", class: "pick" }, "Add files"), send));
  root.append(log, suspects, status, form, commands);

  // Parts of a reply.
  const link = (text, url) => {
    let target;
    try { target = new URL(url, document.baseURI); } catch { return text; }
    if (!["http:", "https:"].includes(target.protocol)) return text;
    const outside = target.origin !== location.origin;
    return make("a", { href: target.href, target: outside ? "_blank" : null, rel: outside ? "noopener noreferrer" : null }, text);
  };

  const copyable = (text) => {
    if (!navigator.clipboard) return null;
    return make("button", {
      type: "button", class: "copy", "aria-label": "Copy the code",
      onclick: async (event) => {
        const button = event.currentTarget;
        try { await navigator.clipboard.writeText(text); button.textContent = "Copied"; } catch { button.textContent = "Press Ctrl+C"; }
        setTimeout(() => { button.textContent = "Copy"; }, 1500);
      },
    }, "Copy");
  };

  // `code` in running text; everything between the marks stays text.
  const prose = (text) => text.split(/`([^`\n]+)`/).map((piece, index) => (index % 2 ? make("code", {}, piece) : piece));

  const draw = {
    heading: (part) => make("h2", { class: "said" }, part.text),
    paragraph: (part) => make("p", {}, ...prose(part.text)),
    bullets: (part) => make("ul", {}, ...part.items.map((item) => make("li", {}, ...(item.url ? [link(item.text, item.url)] : prose(item.text))))),
    code: (part) => make("figure", { class: "code" },
      part.caption ? make("figcaption", {}, part.caption) : null,
      make("div", { class: "codebox" }, make("pre", { tabindex: "0" }, make("code", {}, part.text)), copyable(part.text))),
    table: (part) => make("div", { class: "scroll", tabindex: "0" }, make("table", {},
      make("thead", {}, make("tr", {}, ...part.header.map((cell) => make("th", { scope: "col" }, cell)))),
      make("tbody", {}, ...part.rows.map((row) => make("tr", {}, ...row.map((cell) => make("td", {}, cell))))))),
    leads: (part) => make("aside", { class: "leads" }, make("p", {}, `${part.label}:`), make("ul", {}, ...part.leads.map((lead) =>
      make("li", {}, lead.url ? link(lead.title, lead.url) : lead.title, make("span", {}, ` (${lead.because})`))))),
    // The drawing is Blip's own, and scripts in it would not run anyway: the page's policy admits none.
    diagram: (part) => {
      const drawn = new DOMParser().parseFromString(part.svg, "image/svg+xml").documentElement;
      if (drawn.nodeName !== "svg") return make("p", {}, part.title);
      for (const element of drawn.querySelectorAll("script, foreignObject, a")) element.remove();
      return make("figure", { class: "diagram" }, document.importNode(drawn, true));
    },
    choices: (part) => {
      const group = make("div", { class: "choices", role: "group", "aria-label": "Outcomes of this check" });
      for (const choice of part.choices) {
        group.append(make("button", {
          type: "button",
          onclick: (event) => {
            for (const other of group.children) other.removeAttribute("aria-pressed");
            event.currentTarget.setAttribute("aria-pressed", "true");
            post({ finding: { [part.check]: choice.outcome } }, choice.label);
          },
        }, choice.label));
      }
      return group;
    },
  };

  const show = (entry) => {
    const mine = entry.who === "you";
    const bubble = make("section", { class: mine ? "message mine" : "message", "aria-label": mine ? "You" : "Blip", tabindex: "-1" });
    if (mine) bubble.append(make("p", {}, entry.text));
    else for (const part of entry.parts) if (draw[part.kind]) bubble.append(draw[part.kind](part));
    log.append(bubble);
    return bubble;
  };

  const remember = (entry) => {
    session.log.push(entry);
    try { sessionStorage.setItem(KEPT, JSON.stringify(session)); } catch { /* private mode: the page works without it */ }
    return show(entry);
  };

  const percent = (value) => (value < 0.01 ? "under 1 %" : `${Math.round(100 * value)} %`);

  const showSuspects = (state) => {
    const found = ((state && state.candidates) || []).slice(0, 5);
    suspects.hidden = found.length === 0;
    if (!found.length) return;
    const rows = found.map((candidate) => make("li", {},
      link(candidate.title || candidate.id, `../kb/incidents/${encodeURIComponent(candidate.id)}.html`),
      make("meter", { min: 0, max: 1, value: candidate.probability, "aria-hidden": "true" }), percent(candidate.probability)));
    suspects.replaceChildren(make("summary", {}, `What Blip holds likely (verdict: ${state.verdict})`), make("ol", {}, ...rows));
  };

  // Talking to the bot.
  async function call(path, options) {
    const response = await fetch(path, { method: "POST", credentials: "same-origin", ...options });
    const kind = response.headers.get("Content-Type") || "";
    if (!kind.includes("application/json")) throw Object.assign(new Error("no bot"), { absent: true });
    const data = await response.json();
    if (!response.ok) throw Object.assign(new Error(data.error || "the bot did not answer"), { status: response.status });
    return data;
  }

  async function open() {
    const data = await call("/api/cases", { headers: { "Content-Type": "application/json" }, body: "{}" });
    session = { name: data.case, log: [] };
    log.replaceChildren();
    remember({ who: "blip", parts: data.parts });
  }

  async function post(message, shown) {
    if (busy) return;
    setBusy(true);
    const said = remember({ who: "you", text: shown });
    said.scrollIntoView({ block: "nearest" });
    try {
      const options = message instanceof FormData
        ? { body: message }
        : { headers: { "Content-Type": "application/json" }, body: JSON.stringify(message) };
      const data = await call(`/api/cases/${encodeURIComponent(session.name)}/messages`, options);
      session.state = data.state;
      const bubble = remember({ who: "blip", parts: data.parts });
      showSuspects(data.state);
      bubble.scrollIntoView({ block: "start" });
    } catch (error) {
      const gone = error.status === 404;
      show({ who: "blip", parts: [{ kind: "paragraph", text: gone ? "This case is no longer kept. Open a new one with “New case”." : `That did not work: ${error.message}` }] });
      if (typeof message.text === "string" && !box.value) box.value = message.text;
    } finally {
      setBusy(false);
    }
  }

  function setBusy(value) {
    busy = value;
    send.disabled = value;
    log.setAttribute("aria-busy", String(value));
    status.textContent = value ? "Blip is thinking …" : "";
  }

  async function restart() {
    if (busy) return;
    try { sessionStorage.removeItem(KEPT); } catch { /* nothing was kept */ }
    suspects.hidden = true;
    try { await open(); box.focus(); } catch (error) { status.textContent = `A new case could not be opened: ${error.message}`; }
  }

  // Files.
  const addFiles = (list) => {
    files = [...files, ...list].slice(0, MAX_FILES);
    chosen.replaceChildren(...files.map((file, index) => make("li", {}, `${file.name} `,
      make("button", { type: "button", "aria-label": `Remove ${file.name}`, onclick: () => { files.splice(index, 1); addFiles([]); } }, "×"))));
  };
  picker.addEventListener("change", () => { addFiles(picker.files); picker.value = ""; });
  root.addEventListener("dragover", (event) => { event.preventDefault(); root.classList.add("dropping"); });
  root.addEventListener("dragleave", () => root.classList.remove("dropping"));
  root.addEventListener("drop", (event) => {
    event.preventDefault();
    root.classList.remove("dropping");
    if (event.dataTransfer) addFiles(event.dataTransfer.files);
  });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = box.value.trim();
    if (busy || (!text && !files.length)) return;
    box.value = "";
    if (!files.length) { post({ text }, text); return; }
    const body = new FormData();
    body.set("text", text);
    for (const file of files) body.append("files", file, file.name);
    const names = files.map((file) => file.name).join(", ");
    files = [];
    addFiles([]);
    post(body, text ? `${text}\n(${names})` : names);
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); form.requestSubmit(); }
  });

  // Start: continue the case of this tab, or open one; a question may come with the address.
  (async () => {
    const asked = new URLSearchParams(location.search).get("q");
    if (asked !== null) history.replaceState(null, "", location.pathname);
    let kept = null;
    try { kept = JSON.parse(sessionStorage.getItem(KEPT)); } catch { /* nothing usable was kept */ }
    try {
      if (kept && kept.name && Array.isArray(kept.log) && !asked) {
        session = kept;
        session.log.forEach(show);
        showSuspects(session.state);
      } else {
        await open();
      }
    } catch {
      root.hidden = true;
      absent.hidden = false;
      return;
    }
    root.hidden = false;
    absent.hidden = true;
    if (asked && asked.trim()) await post({ text: asked.trim() }, asked.trim());
    box.focus({ preventScroll: true });
  })();
})();
