// The board: choosing without a new page, arrow keys, and what others changed, at once. Everything is fetched again from
// the server, with the filters in the address; without this script links and forms do the same by loading the page.
"use strict";

(() => {
  if (!document.getElementById("board")) return;
  const RUNS_EVERY = 1000;
  // What chooses something: within a list that arrow keys walk through every link does.
  const LINK = "a[data-choose], [data-roving] a";
  // Back and forward load the page, with the form as it was then: nothing is shown that was true once.
  window.addEventListener("popstate", () => location.reload());

  // --- fetching: one at a time, and always what the address says last ---------------------------------------------------

  let isBusy = false;
  let isWanted = false;
  // Why the board is not what the address says: nobody answered (`away`), or with a refusal; empty where it is.
  let missed = "";
  const ofBoard = (event) => event.detail.ctx?.sourceElement?.id === "board";
  document.addEventListener("htmx:error", (event) => { if (ofBoard(event)) missed = "away"; });
  document.addEventListener("htmx:response:error", (event) => { if (ofBoard(event)) missed = "refused"; });

  async function load() {
    isWanted = true;
    if (isBusy) return;
    isBusy = true;
    try {
      while (isWanted) {
        isWanted = false;
        missed = "";
        const kept = focused();
        // Each part asks in its own name: of calls with one source htmx lets one wait and drops the others.
        await htmx.ajax("GET", location.pathname + location.search, { source: "#board", target: "#board", swap: "outerMorph" });
        if (!missed) settle(kept);
      }
    } finally {
      isBusy = false;
    }
  }

  function go(address) {
    history.pushState(null, "", address);
    load();
  }

  document.addEventListener("board:go", (event) => go(event.detail));

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.(LINK);
    const isPlain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    if (!link || !isPlain) return;
    event.preventDefault();
    go(link.getAttribute("href"));
  });

  const filters = document.getElementById("filters");
  const filter = (event) => {
    event.preventDefault();
    const given = [...new FormData(filters)].filter(([, value]) => value !== "");
    const query = new URLSearchParams(given).toString();
    go(query ? `/board?${query}` : "/board");
  };
  filters.addEventListener("submit", filter);
  filters.addEventListener("change", filter);

  document.addEventListener("keydown", (event) => {
    const undo = document.getElementById("unplace") ?? document.getElementById("unchoose");
    if (event.key === "Escape" && undo && document.getElementById("board").contains(document.activeElement)) undo.click();
  });

  // --- arrow keys: of each list one item can be reached by Tab, the others from there -------------------------------------

  const stops = new Map();

  function items(list) {
    return [...list.querySelectorAll("a, [data-choose]")];
  }

  function rove() {
    for (const list of document.querySelectorAll("[data-roving]")) {
      const all = items(list);
      const stop = all.find((item) => item === document.activeElement)
        ?? all.find((item) => item.id && item.id === stops.get(list.id))
        ?? all.find((item) => item.hasAttribute("aria-current")) ?? all[0];
      for (const item of all) item.setAttribute("tabindex", item === stop ? "0" : "-1");
    }
  }

  function beside(list, item, key) {
    const all = items(list);
    const at = all.indexOf(item);
    if (key === "Home") return all[0];
    if (key === "End") return all[all.length - 1];
    const isBoth = list.dataset.roving === "both";
    if (key === (isBoth ? "ArrowRight" : "ArrowDown")) return all[at + 1];
    if (key === (isBoth ? "ArrowLeft" : "ArrowUp")) return all[at - 1];
    if (!isBoth || !(key === "ArrowDown" || key === "ArrowUp")) return undefined;
    // The next row that has anything: there what is nearest in time.
    const rows = [...new Set(all.map((each) => each.closest("svg") ?? each))];
    const row = rows[rows.indexOf(item.closest("svg") ?? item) + (key === "ArrowDown" ? 1 : -1)];
    const left = item.getBoundingClientRect().left;
    const distance = (each) => Math.abs(each.getBoundingClientRect().left - left);
    return all.filter((each) => (each.closest("svg") ?? each) === row).sort((a, b) => distance(a) - distance(b))[0];
  }

  document.addEventListener("keydown", (event) => {
    const item = event.target.closest?.("[data-roving] a, [data-choose]");
    const list = item?.closest("[data-roving]");
    if (!list || event.ctrlKey || event.metaKey || event.altKey) return;
    const next = beside(list, item, event.key);
    if (!next) return;
    event.preventDefault();
    event.stopPropagation();
    item.setAttribute("tabindex", "-1");
    next.setAttribute("tabindex", "0");
    next.focus();
  }, true);

  document.addEventListener("focusin", (event) => {
    const list = event.target.closest?.("[data-roving]");
    if (list && event.target.id) stops.set(list.id, event.target.id);
  });

  // --- focus stays where it was, also where what had it is gone -----------------------------------------------------------

  function focused() {
    const item = document.activeElement;
    const list = item?.closest?.("[data-roving]");
    const spot = item?.closest?.("#map") ? item.dataset.href : undefined;
    return { id: item?.id, href: item?.getAttribute?.("href"), spot, list: list?.id, at: list ? items(list).indexOf(item) : -1 };
  }

  // Whoever sees the beginning of something already keeps the place on the page.
  function reveal(part) {
    const box = part.getBoundingClientRect();
    if (box.top < 0 || box.top > innerHeight - Math.min(box.height, innerHeight / 3)) part.scrollIntoView({ block: "start" });
  }

  // An answer comes below what was asked: it is shown from its first line, once it is asked for and once it is there.
  const read = new WeakMap();
  document.addEventListener("htmx:after:swap", () => {
    for (const box of document.querySelectorAll("#details > [hx-morph-skip]")) {
      const text = box.textContent.trim();
      if (text && text !== read.get(box)) box.scrollIntoView({ block: "start" });
      read.set(box, text);
    }
  });

  const asked = () => new URLSearchParams(location.search);
  let shownLast = asked().get("chosen");
  let tried = "";

  function settle(kept) {
    // What is chosen anew is told from its beginning, and in sight.
    if (shownLast !== asked().get("chosen")) {
      document.getElementById("details")?.scrollTo(0, 0);
      if (asked().get("chosen") && kept.id !== "place") reveal(document.getElementById("pane-details"));
    }
    shownLast = asked().get("chosen");
    // The answer of the checker comes into sight from its first line, wherever the part with the details is.
    const answer = document.querySelector(".trial");
    if (answer && tried !== location.search) answer.scrollIntoView({ block: "start" });
    tried = answer ? location.search : "";
    // Whoever wants to place a request goes on in the time line, where the duties are.
    if (kept.id === "place" && !document.getElementById("place")) {
      (document.querySelector("#time a.is-tried, #time a.duty, #time-rows td a"))?.focus();
    }
    document.dispatchEvent(new CustomEvent("board:shown"));
    const isLost = !document.activeElement || document.activeElement === document.body;
    if (isLost && (kept.id || kept.list)) {
      const list = kept.list ? document.getElementById(kept.list) : null;
      const near = list ? items(list)[Math.min(kept.at, items(list).length - 1)] : undefined;
      const same = (kept.id && document.getElementById(kept.id)) || (kept.spot && items(list ?? document)
        .find((item) => item.dataset.href === kept.spot));
      (same || near || document.getElementById("main")).focus({ preventScroll: true });
    }
    rove();
  }

  // --- live -----------------------------------------------------------------------------------------------------------

  let source = null;
  let runsDue = null;

  function runs() {
    if (runsDue) return;
    runsDue = setTimeout(() => {
      runsDue = null;
      if (!isBusy) htmx.ajax("GET", "/board/glance", { source: "#glance", target: "#glance", swap: "outerMorph" });
    }, RUNS_EVERY);
  }

  function told(isOn) {
    const place = document.getElementById("live");
    place.textContent = isOn ? `● ${place.dataset.on}` : `○ ${place.dataset.off}`;
    place.classList.toggle("live--off", !isOn);
  }

  function listen() {
    if (source || document.hidden) return;
    // With what is shown: what has changed since, while nobody listened, is told at once.
    source = new EventSource(`/board/events?shown=${document.getElementById("board").dataset.sign}`);
    source.addEventListener("open", () => {
      told(true);
      if (missed) load();
    });
    source.addEventListener("error", () => {
      told(false);
      if (source?.readyState === EventSource.CLOSED) {
        source = null;
        // Refused: the board asks for itself and is told why; whoever is no longer signed in is led to signing in.
        if (missed !== "refused") load();
        setTimeout(listen, 5000);
      }
    });
    // Several changes while one answer is under way make one more.
    source.addEventListener("board", load);
    source.addEventListener("runs", runs);
  }

  // Who does not look needs no stream: browsers keep few connections to one server.
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) return listen();
    source?.close();
    source = null;
    return undefined;
  });
  window.addEventListener("pagehide", () => source?.close());

  rove();
  document.addEventListener("board:drawn", rove);
  listen();
})();
