// The board by keyboard, from what is chosen to what is told of it and back: Enter on what is chosen already leads to the
// heading of the details, Escape from there to where one came from. Without this script the link beside the list leads there.
// Marks of the map are chosen by Enter and by the space bar, as buttons are.
"use strict";

(() => {
  if (!document.getElementById("board")) return;
  let origin = null;

  function leadTo(from) {
    origin = from;
    document.getElementById("head-details").focus();
  }

  // What leads to where one is already would only be fetched again.
  function isChosen(item) {
    const asked = new URL(item.dataset.href ?? item.getAttribute("href"), location.href).searchParams;
    const shown = new URLSearchParams(location.search);
    return Boolean(asked.get("chosen")) && ["chosen", "onto"].every((name) => asked.get(name) === shown.get(name));
  }

  function back() {
    if (origin?.isConnected) return origin;
    return document.querySelector("#pool a[aria-current], #time a[aria-current], #time-rows a[aria-current]");
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const at = document.activeElement;
    const spot = at?.closest?.("#map [data-choose]");
    if (event.key === "Enter" || (event.key === " " && spot)) {
      const item = spot ?? at?.closest?.("[data-roving] a");
      const isThere = item && isChosen(item);
      if (!isThere && !spot) return;
      event.preventDefault();
      event.stopPropagation();
      // A mark of the map is a button that knows no key by itself.
      if (isThere) leadTo(item);
      else document.dispatchEvent(new CustomEvent("board:go", { detail: spot.dataset.href }));
    } else if (event.key === "Escape" && at?.closest?.("#pane-details") && !document.getElementById("unplace")) {
      const item = back();
      if (!item) return;
      event.preventDefault();
      event.stopPropagation();
      item.focus();
    }
  }, true);

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("#to-details, #to-list");
    if (!link) return;
    // A fragment in the address would count as a step back in the history of the board.
    event.preventDefault();
    if (link.id === "to-details") leadTo(document.querySelector("#pool a[aria-current]"));
    else (document.querySelector("#pool a[aria-current]") ?? document.querySelector("#pool a"))?.focus();
  });
})();
