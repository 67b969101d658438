// The map of the board, drawn from its table twin: each row with a place becomes a mark, each row with a way a line. The
// outlines ship with the project; a map behind them comes from a server of one's own, where one is set.
"use strict";

(() => {
  const box = document.getElementById("map");
  if (!box) return;
  const NRW = [[50.32, 5.86], [52.53, 9.46]];
  let map = null;
  let marks = null;
  let labels = null;

  const points = (text) => text.split(" ").filter(Boolean).map((pair) => pair.split(",").map(Number));

  function background() {
    const { tiles, layers, attribution } = box.dataset;
    if (!tiles) return;
    box.classList.add("has-tiles");
    // Leaflet takes it for HTML.
    const said = { attribution: attribution.replace(/[<>&"]/g, "") };
    (layers ? L.tileLayer.wms(tiles, { ...said, layers, format: "image/png", version: "1.3.0" })
      : L.tileLayer(tiles, { ...said, subdomains: [] })).addTo(map);
  }

  async function outlines() {
    const answer = await fetch(box.dataset.outlines);
    L.geoJSON(await answer.json(), {
      interactive: false,
      style: (each) => ({ className: `outline outline--${each.properties.kind}` }),
    }).addTo(map).bringToBack();
  }

  function open() {
    box.hidden = false;
    document.documentElement.classList.add("has-map");
    map = L.map(box, { zoomControl: false, attributionControl: Boolean(box.dataset.attribution), zoomSnap: 0.25,
      fadeAnimation: false, zoomAnimation: false, markerZoomAnimation: false });
    map.attributionControl?.setPrefix(false);
    L.control.zoom({ zoomInTitle: box.dataset.zoomIn, zoomOutTitle: box.dataset.zoomOut }).addTo(map);
    map.fitBounds(NRW);
    marks = L.layerGroup().addTo(map);
    labels = L.layerGroup().addTo(map);
    map.on("zoomend resize", names);
    background();
    outlines();
    new ResizeObserver(() => map.invalidateSize({ pan: false })).observe(box);
  }

  const choose = (link) => link.click();

  // --- names: as many as there is room for, ZABs and hand-overs before pick-ups; all of them stand in the table ---------

  const named = [];
  const HIGH = 16;

  function name(at, text, away) {
    named.push({ at, text, away });
  }

  // Where a name may stand: right of its mark, left of it, below, above; then farther off, where other marks lie close.
  function placesFor({ x, y }, away, wide) {
    return [away, away + 14].flatMap((far) => [[x + far, y], [x - far - wide, y], [x - wide / 2, y + far + HIGH / 2],
      [x - wide / 2, y - far - HIGH / 2]])
      .map(([left, middle]) => ({ left, right: left + wide, top: middle - HIGH / 2, bottom: middle + HIGH / 2 }));
  }

  function names() {
    if (!map) return;
    labels.clearLayers();
    const within = map.getSize();
    // Marks come before names: no name lies on one.
    const taken = named.map(({ at, away }) => {
      const { x, y } = map.latLngToContainerPoint(at);
      return { left: x - away, right: x + away, top: y - away, bottom: y + away };
    });
    for (const { at, text, away } of named) {
      const point = map.latLngToContainerPoint(at);
      const wide = 6.2 * text.length + 4;
      const box = placesFor(point, away, wide).find((one) => one.left >= 0 && one.right <= within.x
        && !taken.some((each) => one.left < each.right && one.right > each.left && one.top < each.bottom && one.bottom > each.top));
      if (!box) continue;
      taken.push(box);
      const shown = document.createElement("span");
      shown.textContent = text;
      L.marker(at, { interactive: false, keyboard: false, zIndexOffset: -1000,
        icon: L.divIcon({ className: "place-name", html: shown, iconSize: [wide, HIGH], iconAnchor: [point.x - box.left, point.y - box.top] }),
      }).addTo(labels).getElement().setAttribute("aria-hidden", "true");
    }
  }

  function site(row) {
    const at = points(row.dataset.site)[0];
    const icon = L.divIcon({ className: `site${row.dataset.kind ? " site--zab" : ""}`, iconSize: [10, 10] });
    L.marker(at, { icon, interactive: false, keyboard: false, zIndexOffset: -500 }).addTo(marks)
      .getElement().setAttribute("aria-hidden", "true");
    name(at, row.dataset.label, 8);
  }

  function spot(row) {
    const link = row.querySelector("a");
    const [waiting, all] = [...row.querySelectorAll("td")].slice(1).map((cell) => Number(cell.textContent));
    const isChosen = row.classList.contains("is-chosen");
    const size = 22 + 4 * Math.min(Math.log2(all + 1), 4);
    const heads = [...row.closest("table").querySelectorAll("thead th")].slice(2);
    const label = `${link.textContent}: ${[...row.querySelectorAll("td")].slice(1)
      .map((cell, number) => `${heads[number].textContent} ${cell.textContent}`).join(", ")}`;
    name(points(row.dataset.spot)[0], link.textContent, size / 2 + 3);
    const mark = L.marker(points(row.dataset.spot)[0], {
      icon: L.divIcon({ className: `spot${waiting ? " spot--open" : ""}${isChosen ? " is-chosen" : ""}`,
        html: String(waiting || all), iconSize: [size, size] }),
      title: label, riseOnHover: true, zIndexOffset: isChosen ? 1000 : 10 * waiting,
    }).on("click", () => choose(link)).addTo(marks);
    const drawn = mark.getElement();
    drawn.setAttribute("aria-label", label);
    drawn.setAttribute("data-choose", "");
    drawn.dataset.href = link.getAttribute("href");
    if (isChosen) drawn.setAttribute("aria-current", "true");
  }

  function way(row) {
    const at = points(row.dataset.way);
    if (at.length < 2) return;
    const isChosen = row.classList.contains("is-chosen");
    const line = L.polyline(at, { className: `way way--${row.dataset.kind ?? "proposed"}${isChosen ? " is-chosen" : ""}` });
    const link = row.querySelector("a");
    if (link) line.on("click", () => choose(link));
    line.addTo(marks);
    if (isChosen) line.bringToFront();
  }

  function draw() {
    if (!document.querySelector(".map-box--graphic")) return;
    if (!map) open();
    const held = document.activeElement?.closest?.("#map") ? document.activeElement.dataset.href : undefined;
    marks.clearLayers();
    document.querySelectorAll("tr[data-way]").forEach(way);
    named.length = 0;
    document.querySelectorAll("tr[data-site]").forEach(site);
    document.querySelectorAll("tr[data-spot]").forEach(spot);
    names();
    // Marks are made anew: whoever was at one of them still is.
    if (held) box.querySelector(`[data-href="${CSS.escape(held)}"]`)?.focus({ preventScroll: true });
    document.dispatchEvent(new CustomEvent("board:drawn"));
  }

  document.addEventListener("board:shown", draw);
  draw();
})();
