// Draws the charts of the report from the numbers in #data; switches language and theme; follows a live run.
// Text from the user's program is only ever set as text (textContent, canvas), never as markup.
(() => {
  "use strict";
  const root = document.documentElement;
  let data = JSON.parse(document.getElementById("data").textContent);
  let drawn = [];

  // -------------------------------------------------------------------------------------------- settings of the reader

  const remembered = (key) => { try { return localStorage.getItem(`unstuck.${key}`); } catch { return null; } };
  const remember = (key, value) => { try { localStorage.setItem(`unstuck.${key}`, value); } catch { /* a file may have no storage */ } };
  const pressed = (name, value) => document.querySelectorAll(`[data-set-${name}]`).forEach((button) =>
    button.setAttribute("aria-pressed", String(button.getAttribute(`data-set-${name}`) === value)));

  function setLanguage(lang) {
    root.dataset.lang = root.lang = lang;
    pressed("lang", lang);
    document.querySelectorAll("[data-label-en]").forEach((element) => element.setAttribute("aria-label", element.getAttribute(`data-label-${lang}`)));
    draw();
  }

  function setTheme(theme) {
    root.dataset.theme = theme;
    pressed("theme", theme);
    draw();
  }

  const words = () => data.words[root.dataset.lang];
  const called = (signal) => (data.names[signal] || {})[root.dataset.lang] || signal;
  const color = (name) => getComputedStyle(root).getPropertyValue(`--${name}`).trim();
  const scale = () => [0, 1, 2, 3, 4, 5, 6].map((i) => color(`s${i}`));

  // ------------------------------------------------------------------------------------------------------------ numbers

  function written(value) {
    if (value === null || value === undefined) return "–";
    if (typeof value === "string") return value;
    if (value === 0) return "0";
    const size = Math.abs(value);
    if (size < 1e-3 || size >= 1e5) return value.toExponential(1).replace("e+", "e");
    return size >= 1000 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
  }
  const power = (exponent) => Math.abs(exponent - Math.round(exponent)) > 1e-9 ? "" : exponent > -3 && exponent < 4 ? String(Number((10 ** exponent).toPrecision(1))) : `1e${Math.round(exponent)}`;
  /** Lowest and highest of some numbers; 0 and 1 where there are none. */
  const range = (values) => values.length ? [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))] : [0, 1];
  const finite = (value) => typeof value === "number" && Number.isFinite(value);

  /** Lines of a tooltip as elements: [[text, isName], ...] per line. */
  function tip(lines) {
    const box = document.createElement("div");
    box.className = "tip";
    for (const line of lines) {
      const row = box.appendChild(document.createElement("div"));
      for (const [text, tag] of line) {
        const part = row.appendChild(document.createElement(tag || "span"));
        part.textContent = text;
      }
    }
    return box;
  }

  const look = () => ({
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 11, color: color("soft") },
    animation: false,
    tooltip: { confine: true, backgroundColor: color("panel"), borderColor: color("rule"), borderWidth: 1, padding: [5, 9], textStyle: { color: color("ink"), fontSize: 12 }, extraCssText: "box-shadow:0 2px 10px rgba(0,0,0,.12)" },
  });
  const axis = (more) => ({ axisLine: { show: false }, axisTick: { show: false }, splitLine: { show: false }, axisLabel: { color: color("soft"), fontSize: 11 }, ...more });
  const mono = () => ({ fontFamily: getComputedStyle(root).getPropertyValue("--mono").trim(), fontSize: 11 });

  // ------------------------------------------------------------------------------------------------- the chain of places

  function chain(chart, width) {
    const maps = chart.of.map((name) => data.maps[name]);
    const places = maps[0].places;
    const marked = new Set(chart.marked);
    const narrow = width < 640;
    const names = places.map((p) => p.name);
    const label = Math.min(narrow ? 110 : 210, 14 + 6.7 * Math.max(...names.map((n) => n.length)));
    const pitch = Math.max(5, Math.min(19, 620 / places.length));
    const height = Math.max(64, pitch * places.length);
    const profile = !chart.gains && maps.length === 1;
    const side = chart.gains || profile ? (narrow ? width - label - 14 : Math.min(230, 0.24 * width)) : 0;
    const option = { ...look(), grid: [], xAxis: [], yAxis: [], series: [], visualMap: [], title: [] };
    const panels = [...maps.map((map) => ({ map })), ...(chart.gains ? [{ gains: true }] : profile ? [{ profile: maps[0] }] : [])];
    const room = narrow ? width - label - 14 : (width - label - 14 - (side ? side + 26 : 0) - 22 * (maps.length - 1)) / maps.length;
    let left = label, top = 24;
    panels.forEach((panel, index) => {
      const own = panel.map ? room : side;
      const first = index === 0 || narrow;
      option.grid.push({ left, top, width: own, height });
      option.yAxis.push(axis({
        gridIndex: index, type: "category", inverse: true, data: names,
        splitLine: { show: !panel.map, lineStyle: { color: color("rule"), opacity: 0.6 }, interval: 0 },
        axisLabel: {
          show: first, ...mono(), interval: "auto", width: label - 12, overflow: "truncate",
          color: (_name, at) => marked.has(names[at]) ? color("mark") : color("ink"),
        },
      }));
      if (panel.map) heat(option, panel.map, names, index, left, top, own, height);
      else dots(option, panel, places, index, left, top);
      if (narrow) top += height + 76; else left += own + (panels[index + 1] && panels[index + 1].map ? 22 : 26);
    });
    option.tooltip = { ...option.tooltip, trigger: "item", formatter: (at) => at.data && at.data.tip ? tip(at.data.tip()) : "" };
    return { option, height: narrow ? top - 4 : top + height + 54 };
  }

  function heat(option, map, names, index, left, top, width, height) {
    const row = new Map(names.map((name, at) => [name, at]));
    const value = (cell) => !finite(cell) ? null : map.log ? (cell > 0 ? Math.log10(cell) : null) : cell;
    const all = map.cells.flat().map(value).filter((v) => v !== null);
    let [low, high] = range(all);
    if (!map.log) { low = 0; high = Math.max(high, 1e-9); }
    if (!(high > low)) { low -= 0.5; high += 0.5; }
    const good = [], bad = [];
    map.cells.forEach((cells, p) => cells.forEach((cell, at) => {
      if (cell === null || !row.has(map.places[p].name)) return;
      const place = map.places[p];
      const lines = () => [[[place.name, "b"], [` ${place.kind}`, "i"]], [[`${words().step} ${map.steps[at]}: `, "i"], [cell === "nan" ? words().nonfinite : written(cell)]], ...(place.line ? [[[`${words().made} ${place.line}`, "i"]]] : [])];
      const v = value(cell);
      if (cell === "nan") bad.push({ value: [at, row.get(place.name), 1], tip: lines });
      else good.push({ value: [at, row.get(place.name), v === null ? low : v], tip: lines });
    }));
    const every = Math.max(1, Math.ceil(map.steps.length / Math.max(2, width / 64)));
    option.title.push({ text: called(map.signal), left, top: top - 21, padding: 0, textStyle: { fontSize: 12, fontWeight: 400, color: color("soft"), width, overflow: "truncate" } });
    option.xAxis.push(axis({ gridIndex: index, type: "category", data: map.steps, axisLabel: { color: color("soft"), fontSize: 10.5, interval: (at) => at % every === 0, hideOverlap: true } }));
    option.series.push({ type: "heatmap", xAxisIndex: index, yAxisIndex: index, data: good, progressive: 0, emphasis: { itemStyle: { borderColor: color("ink"), borderWidth: 1 } } });
    option.visualMap.push({
      type: "continuous", seriesIndex: option.series.length - 1, dimension: 2, min: low, max: high, calculable: false, hoverLink: false,
      orient: "horizontal", left, top: top + height + 26, itemWidth: 7, itemHeight: Math.min(120, width / 2), padding: 0, textGap: 6,
      text: map.log ? [written(10 ** high), written(10 ** low)] : [written(high), "0"], inRange: { color: scale() }, textStyle: { color: color("soft"), fontSize: 10.5 },
    });
    option.series.push({ type: "heatmap", xAxisIndex: index, yAxisIndex: index, data: bad, progressive: 0 });
    option.visualMap.push({ show: false, seriesIndex: option.series.length - 1, dimension: 2, min: 0, max: 1, inRange: { color: [color("broken"), color("broken")] } });
  }

  function dots(option, panel, places, index, left, top) {
    const at = new Map(places.map((place, i) => [place.name, i]));
    const kinds = panel.gains ? ["weights", "activation", "other"] : ["profile"];
    const tint = { weights: color("accent"), activation: color("doubt"), other: color("soft"), profile: color("accent") };
    const entries = panel.gains ? data.gains.gains : panel.profile.places.map((p, i) => ({ place: p.name, kind: p.kind, share: "profile", value: panel.profile.medians[i] }));
    const log = panel.gains || panel.profile.log;
    const shown = entries.filter((e) => at.has(e.place) && finite(e.value) && (!log || e.value > 0));
    const values = shown.map((e) => e.value);
    const [low, high] = range(panel.gains ? [...values, 1] : values.length || !log ? values : [1]);
    const limits = log ? { min: Math.floor(Math.log10(low) + 1e-9), max: Math.ceil(Math.log10(high) - 1e-9) } : { min: 0, max: high || 1 };
    if (log && limits.min === limits.max) limits.min -= 1;
    option.title.push({ text: panel.gains ? words().gains : words().profile, left, top: top - 21, padding: 0, textStyle: { fontSize: 12, fontWeight: 400, color: color("soft") } });
    option.xAxis.push(axis({ gridIndex: index, type: "value", ...limits, interval: log ? Math.max(1, Math.ceil((limits.max - limits.min) / 4)) : undefined, splitLine: { show: true, lineStyle: { color: color("rule"), opacity: 0.6 } }, axisLabel: { color: color("soft"), fontSize: 10.5, formatter: log ? power : written } }));
    for (const kind of kinds) {
      const own = shown.filter((e) => e.share === kind);
      if (!own.length) continue;
      const typical = panel.gains ? data.gains.typical[kind] : null;
      option.series.push({
        type: panel.gains ? "scatter" : "line", name: kind, xAxisIndex: index, yAxisIndex: index, symbol: kind === "weights" ? "rect" : "circle", symbolSize: 6, showSymbol: true,
        lineStyle: { color: tint[kind], width: 1, opacity: 0.6 }, itemStyle: { color: tint[kind] },
        data: own.map((e) => ({ value: [log ? Math.log10(e.value) : e.value, at.get(e.place)], tip: () => [[[e.place, "b"], [` ${e.kind}`, "i"]], [[`${words()[kind]}: `, "i"], [`${written(e.value)}${panel.gains ? "×" : ""}`]]] })),
        markLine: typical ? { silent: true, symbol: "none", animation: false, lineStyle: { color: tint[kind], type: "dashed", opacity: 0.8 }, label: { show: true, position: "end", distance: kind === "weights" ? 36 : 23, formatter: `${words()[kind]} ${written(typical)}×`, color: tint[kind], fontSize: 10.5, align: Math.log10(typical) - limits.min > 0.4 * (limits.max - limits.min) ? "right" : "left" }, data: [{ xAxis: Math.log10(typical) }] } : undefined,
      });
    }
    if (panel.gains) option.series.push({ type: "scatter", xAxisIndex: index, yAxisIndex: index, data: [], markLine: { silent: true, symbol: "none", lineStyle: { color: color("soft"), type: "solid", width: 1 }, label: { show: false }, data: [{ xAxis: 0 }] } });
  }

  // --------------------------------------------------------------------------------------------------------------- curves

  function curves(chart, width) {
    const group = data.curves[chart.of[0]];
    const values = group.flatMap((one) => one.values).filter(finite);
    const [low, high] = range(values);
    const log = low > 0 && high > 50 * low && !["accuracy", "r2"].some((word) => group[0].signal.includes(word));
    const tint = [color("accent"), color("doubt"), color("good"), color("note"), color("bad"), color("soft")];
    const moments = data.moments || [];
    const option = { ...look(), grid: { left: 52, right: 18, top: group.length > 1 ? 40 : 18, bottom: 26 }, series: [], title: [] };
    option.xAxis = axis({ type: "value", min: 0, max: Math.max(data.steps, 1), axisLabel: { color: color("soft"), fontSize: 10.5, hideOverlap: true, formatter: (v) => String(v) }, axisLine: { show: true, lineStyle: { color: color("rule") } } });
    const share = group[0].signal.includes("accuracy") && high <= 1;
    option.yAxis = axis({ type: log ? "log" : "value", scale: true, max: share && high > 0.6 ? 1 : undefined, splitNumber: 4, splitLine: { show: true, lineStyle: { color: color("rule"), opacity: 0.7 } }, axisLabel: { color: color("soft"), fontSize: 10.5, formatter: written } });
    option.tooltip = { ...option.tooltip, trigger: "axis", axisPointer: { type: "line", lineStyle: { color: color("soft"), type: "solid", width: 1 } },
      formatter: (points) => tip([[[`${words().step} ${points[0].value[0]}`, "i"]], ...points.filter((p) => p.seriesName).map((p) => [[`${p.seriesName} `, "i"], [written(p.value[1])]])]) };
    group.forEach((one, index) => {
      const name = one.place === "run" ? called(one.signal) : `${called(one.signal)} ${one.place}`;
      const faint = one.trend.length > 0;
      const few = one.values.length < 60;
      option.series.push({ type: "line", name, data: one.steps.map((step, at) => [step, finite(one.values[at]) && !(log && one.values[at] <= 0) ? one.values[at] : null]), showSymbol: few, symbol: "circle", symbolSize: 4, lineStyle: { color: tint[index % 6], width: faint ? 1 : 1.6, opacity: faint ? 0.35 : 1 }, itemStyle: { color: tint[index % 6] }, emphasis: { disabled: true } });
      if (faint) option.series.push({ type: "line", name: words().trend, data: one.trend, showSymbol: false, lineStyle: { color: tint[index % 6], width: 2 }, itemStyle: { color: tint[index % 6] }, emphasis: { disabled: true } });
      if (group.length > 1) option.title.push({ text: name, left: 52 + index * Math.min(190, (width - 60) / group.length), top: 2, padding: 0, textStyle: { color: tint[index % 6], fontSize: 11.5, fontWeight: 600 } });
    });
    if (moments.length) option.series[0].markLine = { silent: true, symbol: "none", animation: false, lineStyle: { color: color("mark"), type: "dashed", width: 1, opacity: 0.8 }, label: { show: true, position: "end", distance: 2, color: color("mark"), fontSize: 10.5, formatter: (at) => String(moments[at.dataIndex].step) }, data: moments.map((m) => ({ xAxis: m.step })) };
    if (chart.points.length) option.series.push({ type: "scatter", name: "", data: chart.points.filter((p) => finite(p[1])), symbolSize: 9, itemStyle: { color: "transparent", borderColor: color("mark"), borderWidth: 2 }, silent: true, z: 5 });
    return { option, height: (width < 500 ? 170 : 190) + (group.length > 1 ? 22 : 0) };
  }

  // -------------------------------------------------------------------------------------------------------------- drawing

  function drawOne(element) {
    const chart = data.charts[Number(element.dataset.chart)];
    if (!chart || !element.clientWidth) return;
    const made = (chart.kind === "chain" ? chain : curves)(chart, element.clientWidth);
    element.style.height = `${Math.round(made.height)}px`;
    let plot = drawn.find((one) => one.element === element);
    if (!plot) {
      plot = { element, chart: echarts.init(element, null, { renderer: "canvas" }) };
      drawn.push(plot);
    }
    plot.width = element.clientWidth;
    plot.chart.resize();
    plot.chart.setOption(made.option, true);
  }

  function draw() {
    for (const element of document.querySelectorAll("[data-chart]")) {
      try { drawOne(element); } catch (error) { console.error(error); } // the other charts and the text are still good
      element.dataset.drawn = "yes";
    }
  }

  let pending = 0;
  addEventListener("resize", () => {
    clearTimeout(pending);
    pending = setTimeout(() => drawn.forEach((one) => { if (one.width !== one.element.clientWidth) drawOne(one.element); }), 120);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  const paper = (theme) => () => { const own = root.dataset.theme; root.dataset.theme = theme; draw(); root.dataset.theme = own; };
  addEventListener("beforeprint", paper("light"));
  addEventListener("afterprint", draw);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-set-lang], [data-set-theme]");
    if (!button) return;
    if (button.dataset.setLang) { setLanguage(button.dataset.setLang); remember("lang", button.dataset.setLang); }
    else { setTheme(button.dataset.setTheme); remember("theme", button.dataset.setTheme); }
  });

  // ---------------------------------------------------------------------------------------------------------------- live

  async function follow() {
    const light = document.getElementById("live");
    let seen = "", misses = 0;
    while (misses < 20) {
      await new Promise((done) => setTimeout(done, misses ? 2000 : 1000));
      try {
        const answer = await fetch(`state?seen=${seen}`, { cache: "no-store" });
        misses = 0;
        if (answer.status === 204) continue;
        if (!answer.ok) throw new Error(String(answer.status));
        const fresh = await answer.json();
        seen = fresh.seen;
        show(fresh);
        light.dataset.state = data.exit === "running" ? "live" : "ended";
      } catch { misses += data.exit === "running" ? 1 : 20; light.dataset.state = data.exit === "running" ? "lost" : "ended"; }
    }
  }

  function show(fresh) {
    const main = document.getElementById("main");
    const open = [...main.querySelectorAll("details[open]")].map((d) => d.id);
    const place = document.activeElement && document.activeElement.dataset ? document.activeElement.dataset.chart : undefined;
    drawn.forEach((one) => one.chart.dispose());
    drawn = [];
    data = { ...fresh.data, live: true };
    main.innerHTML = fresh.body; // made by the same template as the page itself, and the policy lets no script in it run
    open.forEach((id) => { const details = document.getElementById(id); if (details) details.open = true; });
    setLanguage(root.dataset.lang);
    const again = place !== undefined && main.querySelector(`[data-chart="${Number(place)}"]`);
    if (again) again.focus({ preventScroll: true });
  }

  root.dataset.theme = remembered("theme") || root.dataset.theme;
  pressed("theme", root.dataset.theme);
  setLanguage(data.live || !remembered("lang") ? remembered("lang") || root.dataset.lang : remembered("lang"));
  if (data.live) follow();
})();
