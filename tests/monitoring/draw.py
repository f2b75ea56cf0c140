"""Draws panels of a dashboard: each query is asked of Prometheus' own interface and plotted.

    draw.py --prometheus URL --from T --to T --board FILE --picture FILE TITLE...

A picture of what the panels show, not of how Grafana looks. Panels that are not named are left out.
"""

import argparse
import json
import math
import os
import re
import urllib.parse
import urllib.request

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plot  # noqa: E402
from matplotlib.ticker import FuncFormatter, MaxNLocator  # noqa: E402

# Grafana's grid.
GRID = 24
STEP = 4
WINDOW = "20s"
VARIABLES = {"$__rate_interval": WINDOW, "$__range": "1h", "$namespace": "expense", "$release": ".+"}
LONGEST = 46
COLOURS = ["#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22", "#17becf"]


def shown(value, unit, decimals=None):
    if value is None or math.isnan(value):
        return "–"
    if decimals is not None and unit == "short" and abs(value) < 1e4:
        return f"{value:.{decimals}f}"
    if unit == "percentunit":
        return f"{100 * value:.3g}%"
    if unit == "s":
        return f"{value:.3g} s" if value >= 1 else f"{1000 * value:.3g} ms" if value >= 0.001 or value == 0 else f"{1e6 * value:.3g} µs"
    for size, letter in [(1e9, "G"), (1e6, "M"), (1e4, "k")]:
        if abs(value) >= size:
            scale = 1e3 if letter == "k" else size
            return f"{value / scale:.3g}{letter}" + {"reqps": "/s", "ops": "/s"}.get(unit, "")
    text = f"{value:.0f}" if value == int(value) else f"{value:.2f}" if abs(value) >= 0.01 else f"{value:.2g}"
    return text + {"reqps": "/s", "ops": "/s"}.get(unit, "")


class Prometheus:
    def __init__(self, url, start, end):
        self.url, self.start, self.end = url, start, end

    def ask(self, query):
        for name, value in VARIABLES.items():
            query = query.replace(name, value)
        words = urllib.parse.urlencode({"query": query, "start": self.start, "end": self.end, "step": STEP})
        with urllib.request.urlopen(f"{self.url}/api/v1/query_range?{words}", timeout=30) as reply:
            return json.load(reply)["data"]["result"]

    def series(self, panel):
        """Each line of a panel: its name, times in minutes, values."""
        lines = []
        for target in panel["targets"]:
            for found in self.ask(target["expr"]):
                labels = found["metric"]
                name = re.sub(r"\{\{\s*(\w+)\s*\}\}", lambda match: labels.get(match[1], ""), target["legendFormat"])
                # A line begins where the requests did.
                times = [(float(time) - self.start) / 60 for time, _ in found["values"]]
                lines.append((name.strip() or "all", times, [float(value) for _, value in found["values"]]))
        return lines


def last(values):
    numbers = [value for value in values if not math.isnan(value)]
    return numbers[-1] if numbers else None


def unit_of(panel):
    defaults = panel["fieldConfig"]["defaults"]
    return defaults["unit"], defaults.get("decimals")


def draw_lines(axes, panel, lines):
    unit, decimals = unit_of(panel)
    stacked = panel["fieldConfig"]["defaults"]["custom"]["stacking"]["mode"] == "normal"
    lines = sorted(lines, key=lambda line: -max((value for value in line[2] if not math.isnan(value)), default=0))
    if stacked:
        times = sorted({time for _, some, _ in lines for time in some})
        rows = []
        for _, some, values in lines:
            known = dict(zip(some, values))
            rows.append([0 if math.isnan(known.get(time, 0)) else known.get(time, 0) for time in times])
        axes.stackplot(times, rows, colors=COLOURS, alpha=0.75)
    for place, (name, times, values) in enumerate(lines):
        label = f"{name[:LONGEST]}  {shown(last(values), unit, decimals)}"
        colour = COLOURS[place % len(COLOURS)]
        if stacked:
            axes.plot([], [], color=colour, linewidth=5, label=label)
        else:
            axes.plot(times, values, color=colour, linewidth=1.3, label=label)
    top = axes.get_ylim()[1]
    for step in panel["fieldConfig"]["defaults"]["thresholds"]["steps"]:
        if step["value"] is not None and step["value"] < 4 * top:
            axes.axhline(step["value"], color="#c4162a", linestyle="--", linewidth=0.8)
    highest = max((value for _, _, values in lines for value in values if not math.isnan(value)), default=0)
    axes.set_ylim(bottom=0, top=None if highest > 0 else 1)
    axes.set_xlim(left=0)
    axes.grid(alpha=0.25)
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: shown(value, unit)))
    axes.tick_params(labelsize=7)
    axes.set_xlabel("minutes", fontsize=7)
    legend_of(axes, len(lines))


def legend_of(axes, count):
    axes.legend(fontsize=6.2, loc="upper center", bbox_to_anchor=(0.5, -0.2), ncol=2 if count > 1 else 1, frameon=False)


def draw_numbers(axes, panel, lines):
    unit, decimals = unit_of(panel)
    axes.axis("off")
    alone = len(lines) == 1 and panel["options"].get("textMode") != "value_and_name"
    numbers = [(name, shown(last(values), unit, decimals)) for name, _, values in lines]
    text = "\n".join(number if alone else f"{name}: {number}" for name, number in numbers)
    axes.text(0.5, 0.5, text, ha="center", va="center", fontsize=26 if alone else 12, color="#37872d")


def draw_shares(axes, panel, lines):
    unit = panel["fieldConfig"]["defaults"]["unit"]
    lines = sorted(((name, last(values) or 0) for name, _, values in lines), key=lambda line: -line[1])
    total = sum(value for _, value in lines) or 1
    wedges, _ = axes.pie([value for _, value in lines], colors=COLOURS, wedgeprops={"width": 0.4}, startangle=90, counterclock=False)
    names = [f"{name}  {shown(round(value), unit)}  {value / total:.1%}" for name, value in lines]
    axes.legend(wedges, names, fontsize=6.5, loc="center left", bbox_to_anchor=(1.02, 0.5), frameon=False)


def rows_of(panels):
    """As many panels beside each other as on the board, each row of which begins anew."""
    rows, row = [], []
    for panel in panels:
        kind = "numbers" if panel["type"] in ("stat", "gauge") else "charts"
        if row and (len(row) == GRID // row[0]["gridPos"]["w"] or panel["row"] != row[0]["row"] or kind != row[0]["kind"]):
            rows.append(row)
            row = []
        row.append(panel | {"kind": kind})
    return rows + [row]


def chosen(board, titles):
    panels, row = [], ""
    for panel in board["panels"]:
        if panel["type"] == "row":
            row = panel["title"]
        elif panel["title"] in titles:
            panels.append(panel | {"row": row})
    return panels


def main():
    words = argparse.ArgumentParser()
    words.add_argument("--prometheus", required=True)
    words.add_argument("--from", dest="start", type=int, required=True)
    words.add_argument("--to", dest="end", type=int, required=True)
    words.add_argument("--board", required=True)
    words.add_argument("--picture", required=True)
    words.add_argument("titles", nargs="+")
    given = words.parse_args()
    with open(given.board, encoding="utf-8") as file:
        board = json.load(file)
    source = Prometheus(given.prometheus, given.start, given.end)
    rows = rows_of(chosen(board, given.titles))
    heights = [1 if row[0]["kind"] == "numbers" else 3.1 for row in rows]
    figure = plot.figure(figsize=(16, 1.15 * sum(heights) + 0.8), dpi=80, layout="constrained")
    figure.suptitle(f"{board['title']}: two replicas under generated requests; the cache hangs for a moment", fontsize=13)
    for part, row in zip(figure.subfigures(len(rows), 1, height_ratios=heights, squeeze=False)[:, 0], rows):
        all_axes = part.subplots(1, GRID // row[0]["gridPos"]["w"], squeeze=False)[0]
        for axes in all_axes[len(row):]:
            axes.axis("off")
        for axes, panel in zip(all_axes, row):
            lines = source.series(panel)
            axes.set_title(panel["title"], fontsize=9, loc="left", fontweight="bold")
            draw = {"stat": draw_numbers, "gauge": draw_numbers, "piechart": draw_shares}.get(panel["type"], draw_lines)
            draw(axes, panel, lines)
    os.makedirs(os.path.dirname(given.picture), exist_ok=True)
    figure.savefig(given.picture)
    print(f"{given.picture}: {sum(map(len, rows))} panels")


main()
