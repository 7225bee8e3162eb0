"""The page of events says what is: it leaves out no event of the types, no story, and nothing that passed."""

from collections import Counter

import pytest
from tests.clients.realtime.coverage import PACKAGES, PAGE, STORIES, Coverage
from tests.clients.realtime.protocol import DIALECTS, DIRECTIONS, absence, events_of, scenes_of

KINDS = [(dialect, direction) for dialect in DIALECTS for direction in DIRECTIONS]


def a_run() -> Coverage:
    """What may have passed: every story sent one event and received another, in one dialect."""
    passed = {story: Counter({"ga sent session.update": 1, "ga received session.updated": 2}) for story in STORIES}
    return Coverage(passed=dict(passed))


def row(page: str, event: str) -> list[str]:
    """Return the cells of the first row of an event."""
    line = next(line for line in page.splitlines() if line.startswith(f"| `{event}` "))
    return [cell.strip() for cell in line.strip("|").split("|")]


@pytest.mark.parametrize(("dialect", "direction"), KINDS)
def test_an_event_is_in_a_scene_or_is_absent_for_a_reason(dialect: str, direction: str):
    """Each event of the newest SDK's types is played in a golden scene, or it is told why it is not."""
    unplayed = [kind for kind in events_of(dialect, direction) if f"{direction} {kind}" not in scenes_of(dialect)]
    assert [kind for kind in unplayed if absence(kind) is None] == []


def test_every_story_has_its_client():
    """The clients that are told of are those that have stories."""
    assert {story.name for story in STORIES} == PACKAGES.keys()


def test_a_page_is_made_of_a_whole_run_alone():
    """A run with one story left out is not whole."""
    run = a_run()
    assert run.is_whole
    del run.passed[STORIES[0]]
    assert not run.is_whole


def test_what_passed_is_marked_and_what_did_not_is_not():
    """An event has a mark in the column of each client that sent it, and in no other; its scene stands beside it."""
    run = a_run()
    run.passed[STORIES[0]] = Counter({"ga received session.updated": 1})
    cells = row(run.page(), "session.update")
    assert cells[1:].count("x") == len(cells) - 3
    assert cells[1:].count("") == 1
    assert "tests/scenarios/" in cells[-1]


def test_what_no_client_met_is_told():
    """The page names the events that stand in golden scenes alone."""
    unmet = a_run().page().split("No client here met")[1].split("golden scenes alone")[0]
    assert "`response.create`" in unmet
    assert "`session.update`" not in unmet


def test_the_page_that_stands_knows_every_event():
    """No event of the types is missing from the page of the last run."""
    page = PAGE.read_text(encoding="utf-8")
    for dialect, direction in KINDS:
        for kind in events_of(dialect, direction):
            assert f"`{kind}`" in page
