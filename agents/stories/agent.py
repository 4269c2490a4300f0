"""The agent of the stories: what `streams.sequential.sequential_worker` reads, runs and writes."""

from __future__ import annotations

from streams.settings import Settings
from streams.task import SequentialTask

HOUR_MS, MIB = 3_600_000, 1 << 20


def _open(settings: Settings):  # type: ignore[no-untyped-def]
    # Imported here: the description of the task is read by commands that need no stories.
    from agents.stories.decider import StoryDecider

    return StoryDecider(round(settings.stories_window_h * HOUR_MS), settings.stories_memory_mb * MIB)


TASK = SequentialTask(
    name="stories",
    source="articles.enriched",
    target="articles.stories",
    state="telex.stories",
    schema="urn:telex:story:1",
    open=_open,
    gauges={
        "telex_stories_window_articles": "Articles in the window.",
        "telex_stories_window_stories": "Stories with articles in the window.",
        "telex_stories_window_capacity": "Most articles that the memory limit allows.",
        "telex_stories_window_seconds": "Time between the oldest and the newest article in the window.",
    },
    kinds=("telex_stories_articles", "Articles, by their relation to the articles before."),
)
