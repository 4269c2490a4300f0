"""The runbook of webhooks: an endpoint fails, the commands of the page are run, and its matches arrive."""

from pathlib import Path

import pytest

from streams.settings import Settings
from streams.stages import DEAD, ENRICHED
from tests.support.articles import enriched, produce
from tests.support.independent_reader import read
from tests.support.processes import environment, wait_for
from tests.support.runbook import Runbook
from tests.support.watched import add, match, numbered, sender
from tests.support.webhook_receiver import WebhookReceiver


@pytest.mark.long
def test_webhooks_do_not_arrive(pipeline: Settings, tmp_path: Path) -> None:
    produce(pipeline, enriched("a0"), topic=ENRICHED)
    with (
        WebhookReceiver(fault="error") as broken,
        WebhookReceiver() as works,
        sender(pipeline, TELEX_WEBHOOK_GIVE_UP_S="3") as worker,
    ):
        add(pipeline, "trams", "text=tramway", broken.url)
        match(pipeline, ["trams"], numbered(0, 3))
        wait_for(lambda: len(read(pipeline, DEAD)) == 3, 40, worker.log.read_text)
        match(pipeline, ["trams"], numbered(3, 5))
        wait_for(lambda: worker.metric("telex_webhooks_behind") == 1, 20, worker.log.read_text)
        variables = environment(pipeline, WATCH="trams", URL=works.url)
        with Runbook("webhooks-do-not-arrive", variables, tmp_path / "page", {"8606": worker.port}) as page:
            assert '"stage":"webhooks"' in page.run("telex status").stdout
            assert "telex_webhooks_behind 1.0" in page.run("curl").stdout
            assert broken.url in page.run("telex watch show").stdout
            assert page.run("telex watch test").stdout.count('"watch":"trams"') == 1
            page.run("telex watch add")
            assert page.run("telex dead redrive").stdout.count('"redriven":false') >= 3
            assert page.run("telex dead redrive").stdout.count('"redriven":true') >= 3
            page.run("until curl")
            page.run("until telex status")
            assert page.run("telex dead redrive").stdout == ""
        wait_for(lambda: set(works.articles) == set(numbered(0, 5)), 20, worker.log.read_text)
