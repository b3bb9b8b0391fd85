(function () {
  "use strict";
  var root = document.documentElement;
  root.classList.add("js");
  var data = JSON.parse(document.getElementById("map-data").textContent);
  var slider = document.getElementById("period");
  var all = document.getElementById("all");
  var output = document.getElementById("period-text");
  var kinds = document.querySelectorAll("input[name=kind]");
  var state = { period: data.worst, all: false, kind: data.kinds[0] };

  function each(selector, act) {
    Array.prototype.forEach.call(document.querySelectorAll(selector), act);
  }
  function loadClass(percent) {
    if (percent < 0) { return "cx"; }
    var level = 0;
    data.limits.forEach(function (limit) { if (percent > limit) { level += 1; } });
    return "c" + level;
  }
  function text(percent) {
    if (percent < 0) { return "–"; }
    return percent >= data.endless ? "∞" : percent + "\u00a0%";
  }
  function show() {
    var key = state.all ? "-1" : String(state.period);
    var rows = data.load[state.kind];
    var row = rows[state.all ? rows.length - 1 : state.period];
    each("[data-p]", function (node) {
      if (node.getAttribute("data-p") === key) { node.removeAttribute("hidden"); } else { node.setAttribute("hidden", ""); }
    });
    each("[data-scale]", function (node) { node.hidden = node.getAttribute("data-scale") !== (state.all ? "all" : "one"); });
    row.forEach(function (percent, index) {
      var name = loadClass(percent);
      var shape = document.getElementById("r" + index);
      if (shape) { shape.setAttribute("class", "region " + name); }
      var light = name === "c4" || name === "c5" ? " lab-light" : "";
      var label = document.getElementById("l" + index);
      var who = document.getElementById("n" + index);
      label.textContent = text(percent);
      label.setAttribute("class", "pct" + light);
      who.setAttribute("class", "who" + light);
    });
    output.textContent = state.all ? data.all : data.periods[state.period];
    slider.setAttribute("aria-valuetext", output.textContent);
    slider.value = state.period;
    all.setAttribute("aria-pressed", String(state.all));
  }
  function move(step) {
    state.all = false;
    state.period = Math.max(0, Math.min(data.periods.length - 1, state.period + step));
    show();
  }
  slider.addEventListener("input", function () { state.period = Number(slider.value); state.all = false; show(); });
  all.addEventListener("click", function () { state.all = !state.all; show(); });
  document.getElementById("before").addEventListener("click", function () { move(-1); });
  document.getElementById("after").addEventListener("click", function () { move(1); });
  kinds.forEach(function (kind) {
    kind.addEventListener("change", function () { state.kind = kind.value; show(); });
  });
  show();

  each("table.sort", function (table) {
    each.call(null, "#" + table.id + " thead th", function (head) {
      var button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.textContent = "";
      head.appendChild(button);
      button.addEventListener("click", function () {
        var up = head.getAttribute("aria-sort") !== "ascending";
        var column = head.cellIndex;
        var body = table.tBodies[0];
        each("#" + table.id + " thead th", function (other) { other.removeAttribute("aria-sort"); });
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        Array.prototype.slice.call(body.rows).map(function (row, place) {
          var cell = row.cells[column];
          var raw = cell.getAttribute("data-s");
          return { row: row, place: place, value: raw === null ? cell.textContent : Number(raw) };
        }).sort(function (a, b) {
          var order = typeof a.value === "number" ? a.value - b.value : a.value.localeCompare(b.value, root.lang);
          return (up ? order : -order) || a.place - b.place;
        }).forEach(function (item) { body.appendChild(item.row); });
      });
    });
  });
  window.addEventListener("beforeprint", function () { each("details", function (node) { node.open = true; }); });
})();
