/* Draws every <figure data-chart="id"> from the JSON beside it. The library is fetched only when
   a page has a chart. Colours are read from the style sheet and redrawn when the theme changes;
   without script the table under the chart still tells everything. */

const config = document.getElementById("than-config")?.dataset ?? {};
const drawn = new Map();
let library;

function load() {
  library ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = config.chartjs;
    script.onload = () => resolve(window.Chart);
    script.onerror = reject;
    document.head.append(script);
  });
  return library;
}

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

function colourOf(tone, index) {
  if (tone) return token(tone === "calm" ? "ink-3" : tone);
  return token(`series-${(index % 6) + 1}`);
}

function writer(data, compact) {
  const style = data.currency ? { style: "currency", currency: data.currency } : {};
  const format = new Intl.NumberFormat(data.locale, { ...style, ...(compact ? { notation: "compact", maximumFractionDigits: 1 } : {}) });
  const scale = 10 ** (data.precision || 0);
  return (value) => format.format(value / scale) + (data.unit && !compact ? ` ${data.unit}` : "");
}

/* #rrggbb with an opacity: a canvas reads it in every browser */
function faded(colour, percent) {
  return colour + Math.round(percent * 2.55).toString(16).padStart(2, "0");
}

function datasets(data) {
  const round = data.kind === "doughnut";
  return data.series.map((series, index) => {
    const colour = colourOf(series.tone, index);
    if (round) {
      return { label: series.name, data: series.values, borderColor: token("surface"), borderWidth: 3, backgroundColor: data.labels.map((_, i) => colourOf("", i)) };
    }
    const line = data.kind === "line" || data.kind === "area";
    return {
      label: series.name,
      data: series.values,
      borderColor: colour,
      backgroundColor: line ? faded(colour, 12) : colour,
      fill: data.kind === "area" && index === 0 ? "origin" : false,
      borderWidth: line ? 2.25 : 0,
      borderDash: line && index > 0 ? [6, 4] : [],
      borderRadius: 5,
      maxBarThickness: 36,
      tension: 0.3,
      pointRadius: series.values.length > 31 ? 0 : 2.5,
      pointHoverRadius: 5,
      pointBackgroundColor: colour,
    };
  });
}

function options(data) {
  const full = writer(data, false);
  const short = writer(data, true);
  const round = data.kind === "doughnut";
  const quiet = token("ink-2");
  const reduce = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const axis = { border: { display: false }, ticks: { color: quiet, maxRotation: 0, autoSkipPadding: 16 } };
  return {
    responsive: true,
    maintainAspectRatio: false,
    animation: reduce ? false : { duration: 350 },
    interaction: { mode: round ? "nearest" : "index", intersect: round },
    cutout: round ? "68%" : undefined,
    plugins: {
      legend: { display: round || data.series.length > 1, position: round ? "right" : "top", align: "start", labels: { color: quiet, usePointStyle: true, pointStyle: "circle", boxHeight: 7 } },
      tooltip: { backgroundColor: token("ink"), titleColor: token("paper"), bodyColor: token("paper"), padding: 10, cornerRadius: 8, usePointStyle: true, callbacks: { label: (item) => ` ${round ? item.label : item.dataset.label}: ${full(round ? item.parsed : item.parsed.y)}` } },
    },
    scales: round ? {} : {
      x: { ...axis, grid: { display: false }, stacked: data.kind === "stacked" },
      y: { ...axis, beginAtZero: true, grid: { color: token("line") }, stacked: data.kind === "stacked", ticks: { ...axis.ticks, maxTicksLimit: 6, callback: (v) => short(v) } },
    },
  };
}

async function draw(figure) {
  const source = document.getElementById(figure.dataset.chart);
  const canvas = figure.querySelector("canvas");
  if (!source || !canvas) return;
  const Chart = await load();
  Chart.defaults.font.family = token("text-face");
  Chart.defaults.font.size = 13;
  const data = JSON.parse(source.textContent);
  drawn.get(figure)?.destroy();
  const type = { area: "line", stacked: "bar" }[data.kind] || data.kind;
  drawn.set(figure, new Chart(canvas, { type, data: { labels: data.labels, datasets: datasets(data) }, options: options(data) }));
}

function start(root) {
  const figures = root.matches?.("[data-chart]") ? [root] : root.querySelectorAll("[data-chart]");
  for (const figure of figures) draw(figure);
}

document.addEventListener("than:theme", () => { for (const figure of drawn.keys()) if (figure.isConnected) draw(figure); });
document.addEventListener("htmx:load", (event) => start(event.detail.elt));
start(document);
