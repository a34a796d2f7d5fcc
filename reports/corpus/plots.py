"""The plots of the composition, drawn from the statistics: categories, lengths, builtins and depth."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from reports.corpus.encoding import imported
from reports.files import told

IMAGES = "images"
"""The folder of the plots, in that of the dataset."""

DOTS = 75
"""Per inch: sharp enough on a page, and an image stays below 60 kB."""

SHOWN = 40
"""Builtins: the most frequent ones, as many as can be read in one image."""

BARS = 60
"""At most so many in the plot of lengths, each as wide as some whole number."""

Statistics = Mapping[str, Any]


def plots_can_be_drawn() -> bool:
    """Whether matplotlib is installed."""
    return find_spec("matplotlib") is not None


def draw_plots(folder: Path, statistics: Statistics) -> dict[str, str]:
    """Draw all plots into the folder of a dataset.

    Returns:
        What each plot shows, by its path relative to the folder.

    Raises:
        UserError: matplotlib is not installed, the folder cannot be written, or the disk is full.
    """
    figure_type = imported("matplotlib.figure", "plots", "drawing plots").Figure
    for name, (draw, _) in PLOTS.items():
        figure = figure_type(figsize=(6.4, 3.6), layout="constrained")
        draw(figure.subplots(), statistics)
        with told(folder):
            (folder / IMAGES).mkdir(exist_ok=True)
            figure.savefig(folder / IMAGES / f"{name}.png", dpi=DOTS, metadata={"Software": None})
    return {f"{IMAGES}/{name}.png": caption for name, (_, caption) in PLOTS.items()}


def _draw_categories(axes: Any, statistics: Statistics) -> None:
    counts = {name or "(none)": count for name, count in statistics["categories"].items()}
    axes.barh(list(counts), list(counts.values()))
    axes.invert_yaxis()
    axes.set(xlabel="records")


def _draw_lengths(axes: Any, statistics: Statistics) -> None:
    measures = {name: statistics["measures"][name] for name in ("statements", "expressions")}
    largest = max(measure["largest"] for measure in measures.values())
    step = largest // BARS + 1
    for name, measure in measures.items():
        values, weights = [int(value) for value in measure["by_value"]], list(measure["by_value"].values())
        axes.hist(values, bins=range(0, largest + step + 1, step), weights=weights, alpha=0.6, label=name)
    axes.set(xlabel="in a module", ylabel="records")
    axes.legend()


def _draw_builtins(axes: Any, statistics: Statistics) -> None:
    counts = dict(list(statistics["builtins"].items())[:SHOWN])
    axes.bar(list(counts), list(counts.values()))
    axes.tick_params(axis="x", labelrotation=90, labelsize=7)
    axes.set(ylabel="records")


def _draw_depth(axes: Any, statistics: Statistics) -> None:
    counts = statistics["measures"]["depth"]["by_value"]
    axes.bar(list(counts), list(counts.values()))
    axes.set(xlabel="depth of nested blocks", ylabel="records")


PLOTS: Mapping[str, tuple[Callable[[Any, Statistics], None], str]] = {
    "categories": (_draw_categories, "Records by category"),
    "lengths": (_draw_lengths, "Statements and expressions of a module"),
    "builtins": (_draw_builtins, f"The {SHOWN} builtins that most records use"),
    "depth": (_draw_depth, "How deeply blocks are nested"),
}
"""How each plot is drawn, and what it shows."""
