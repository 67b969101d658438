// The board by keyboard, from what is chosen to what is told of it and back: Enter on what is chosen already leads to the
// heading of the details, Escape from there to where one came from. Without this script the link beside the list leads there.
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
    if (event.key === "Enter") {
      const item = at?.closest?.("[data-roving] a, #map [data-choose]");
      if (!item || !isChosen(item)) return;
      event.preventDefault();
      event.stopPropagation();
      leadTo(item);
    } else if (event.key === "Escape" && at?.closest?.("#pane-details") && !document.getElementById("unplace")) {
      const item = back();
      if (!item) return;
      event.preventDefault();
      event.stopPropagation();
      item.focus();
    }
  }, true);

  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("#to-details")) return;
    // A fragment in the address would count as a step back in the history of the board.
    event.preventDefault();
    leadTo(document.querySelector("#pool a[aria-current]"));
  });
})();
