"""The web page in a real browser (Debian's Chromium), on a real server and a real Kafka."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Literal

import pytest
from kafka import KafkaProducer

from streams.kafka import topics
from streams.kafka.embedded_broker import EmbeddedBroker
from streams.settings import Settings
from streams.stages import ENRICHED, WORKERS
from tests.support.broker_changes import configure_topic
from tests.support.filtered import article
from tests.support.processes import fresh, wait_for
from tests.support.web_server import NO_KAFKA, WebServer

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
if CHROMIUM is None:
    pytest.skip("there is no Chromium: apt-get install chromium", allow_module_level=True)

from axe_playwright_python.sync_playwright import Axe  # noqa: E402
from playwright.sync_api import Browser, Page, expect, sync_playwright  # noqa: E402

TOKEN = "a-token-of-more-than-16-characters"
WIDTHS = (375, 1280, 2560)
# Texts in which a wrong offset shows at once: an emoji has two units of UTF-16, a flag has four.
TEXTS = {
    "emoji": ("🎉🇫🇷 Fête à Paris", "👩‍👩‍👧 Angela Merkel était à Paris. 🎉", {"Angela Merkel": "PERSON", "Paris": "LOCATION/FR"}, "fr"),
    "arabic": ("زيارة إلى باريس", "زارت أنغيلا ميركل باريس يوم الثلاثاء.", {"أنغيلا ميركل": "PERSON", "باريس": "LOCATION/FR"}, "ar"),
    "chinese": ("默克尔访问巴黎", "默克尔周二访问了巴黎。", {"默克尔": "PERSON", "巴黎": "LOCATION/FR"}, "zh"),
}  # fmt: skip


class Desk:
    """A server with a topic of its own, and what is published to it."""

    def __init__(self, settings: Settings, server: WebServer) -> None:
        self.settings, self.server = settings, server
        self._producer = KafkaProducer(bootstrap_servers=settings.bootstrap_servers, max_request_size=4 * 2**20)

    def publish(self, *values: bytes, age_s: float = 0) -> None:
        """Publish enriched articles. An age counts in a topic whose records have the times of their producers."""
        for value in values:
            key, at_ms = json.loads(value)["id"].encode(), int(1000 * (time.time() - age_s))
            self._producer.send(self.settings.topic(ENRICHED), key=key, value=value, timestamp_ms=at_ms)
        self._producer.flush(30)

    def close(self) -> None:
        self._producer.close()


def news(identity: str, text: str = "Angela Merkel spoke in Berlin.", **more: Any) -> bytes:
    fields: dict[str, Any] = {
        "named": {"Angela Merkel": "PERSON", "Berlin": "LOCATION/DE"},
        "language": "en",
        "sentiment": "neutral",
        "towards": {"Angela Merkel": "positive"},
    }
    return article(f"Title {identity}", text, id=identity, **{**fields, **more})


def odd_analyses(identity: str, language: str) -> bytes:
    """An article in whose analyses other things stand in the place of texts, numbers and objects."""
    odd = {"toString": 1, "valueOf": None}
    mentions = [None, odd, {"field": "text", "start": "0", "end": odd, "text": odd}, {"field": odd, "end": -1}]
    mentions += [{"field": "text", "start": 0, "end": 3, "text": "Odd"}]
    entities = [
        None,
        odd,
        {"name": odd, "type": odd},
        {"name": "Odd", "type": "MISC", "count": odd, "mentions": mentions},
    ]
    sentiment = {"label": "neutral", "score": odd, "targets": [None, odd, {"name": odd, "type": odd, "label": odd}]}
    value = json.loads(article(None, "Odd text.", language=language, id=identity))
    value["entities"] = {"status": "analysed", "model": odd, "items": entities}
    value["sentiment"] = {"status": "analysed", "model": odd, **sentiment}
    return json.dumps(value).encode()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def new_desk(broker: EmbeddedBroker, folder: Path) -> Iterator[Desk]:
    settings = fresh(broker, folder)
    topics.create(settings)
    with WebServer(settings) as server:
        desk = Desk(settings, server)
        yield desk
        desk.close()


@pytest.fixture
def desk(broker: EmbeddedBroker, tmp_path: Path) -> Iterator[Desk]:
    """A desk of the test's own."""
    with new_desk(broker, tmp_path) as desk:
        yield desk


@pytest.fixture(scope="module")
def shared_desk(broker: EmbeddedBroker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One for all tests whose articles have a source of their own."""
    with new_desk(broker, tmp_path_factory.mktemp("desk")) as desk:
        yield desk


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that must not write an error to the console, except where a test waits for one."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(20_000)
    expect.set_options(timeout=20_000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


def opened(page: Page, desk: Desk, path: str = "/") -> Page:
    page.goto(f"http://127.0.0.1:{desk.server.port}{path}")
    expect(page.locator("#connection")).to_have_text("Live")
    return page


def beyond_the_edge(page: Page) -> list[str]:
    """What makes the page wider than the screen."""
    found: list[str] = page.evaluate(
        """() => document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll("body *")]
            .filter((node) => node.getBoundingClientRect().right > innerWidth)
            .map((node) => node.outerHTML.slice(0, 120))"""
    )
    return found


def cards(page: Page) -> Any:
    return page.locator("#feed .card")


def titles(page: Page) -> list[str]:
    return [found.removeprefix("Title ") for found in page.locator("#feed h3").all_inner_texts()]


def opened_sources(page: Page) -> Any:
    """The sources, as the link of the page opens them."""
    page.evaluate("location.hash = '#sources'")
    return page.locator("#sources")


def test_an_article_appears_by_itself_and_its_names_are_marked(page: Page, desk: Desk) -> None:
    opened(page, desk)
    expect(page.locator("#empty")).to_contain_text("telex publish")
    expect(opened_sources(page)).to_have_text("No source has had an article in the last two days.")
    for identity, (title, text, named, language) in TEXTS.items():
        desk.publish(article(title, text, named=named, language=language, sentiment="positive", id=identity))
        card = page.locator(f"[data-id={identity}]")
        expect(card).to_be_visible()
        in_title, in_text = (card.locator(f"{part} mark").all_inner_texts() for part in ("h3", ".text"))
        last_words = [name.split()[-1] for name in named]
        assert (in_title, in_text) == ([word for word in last_words if word in title], last_words)
        assert card.locator("h3").inner_text() == title
        assert card.locator(".text").get_attribute("lang") == language
    assert page.locator("[data-id=arabic] .text").evaluate("node => getComputedStyle(node).direction") == "rtl"
    assert page.locator("#feed .card").first.get_attribute("data-id") == "chinese"


def test_a_click_on_an_entity_goes_into_the_address_and_back_goes_back(page: Page, desk: Desk) -> None:
    desk.publish(news("a"), news("b", "A text.", named={"Paris": "LOCATION/FR"}, towards={}))
    opened(page, desk)
    expect(cards(page)).to_have_count(2)
    page.locator("[data-id=a] .chip", has_text="Angela Merkel").click()
    expect(cards(page)).to_have_count(1)
    assert page.url.endswith("/?entity=Angela+Merkel")
    expect(page.locator("#filters [name=entity]")).to_have_value("Angela Merkel")
    desk.publish(news("c", "A text.", named={}, towards={}), news("d"))
    expect(cards(page)).to_have_count(2)
    assert titles(page) == ["d", "a"]
    page.go_back()
    expect(cards(page)).to_have_count(4)
    page.goto(f"http://127.0.0.1:{desk.server.port}/?entity=Paris")
    expect(cards(page)).to_have_count(1)
    page.get_by_role("button", name=re.compile("Remove the condition")).click()
    expect(cards(page)).to_have_count(4)
    page.locator("#filters [name=text]").fill("nothing like this")
    page.locator("#filters [name=text]").press("Enter")
    expect(page.locator("#empty")).to_contain_text("None of the last 4 articles fits")
    page.get_by_role("button", name="Show all articles").click()
    expect(cards(page)).to_have_count(4)


def test_a_wrong_condition_in_the_address_is_explained(page: Page, shared_desk: Desk) -> None:
    page.goto(f"http://127.0.0.1:{shared_desk.server.port}/?entty=Paris")
    expect(page.locator("#empty")).to_contain_text("did you mean entity?")
    page.get_by_role("button", name="Show all articles").click()
    expect(page.locator("#connection")).to_have_text("Live")


def test_pause_stops_the_page_and_resume_shows_each_article_once(page: Page, shared_desk: Desk) -> None:
    opened(page, shared_desk, "/?source=rest")
    shared_desk.publish(news("a", source="rest"))
    expect(cards(page)).to_have_count(1)
    page.get_by_role("button", name="Pause").click()
    shared_desk.publish(*(news(f"p{number}", source="rest") for number in range(5)))
    expect(page.locator("#connection")).to_have_text("Paused, 5 new articles")
    expect(cards(page)).to_have_count(1)
    page.get_by_role("button", name="Resume").click()
    expect(cards(page)).to_have_count(6)
    assert sorted(titles(page)) == ["a", *(f"p{number}" for number in range(5))]


def test_after_the_server_was_killed_the_page_goes_on_and_has_each_article_once(page: Page, desk: Desk) -> None:
    desk.publish(news("before"))
    opened(page, desk)
    desk.server.kill()
    expect(page.locator("#connection")).to_have_attribute("data-state", re.compile("lost|connecting"))
    desk.publish(news("meanwhile"))
    desk.server.start()
    expect(page.locator("[data-id=meanwhile]")).to_be_visible(timeout=60_000)
    desk.publish(news("after"))
    expect(page.locator("[data-id=after]")).to_be_visible()
    assert titles(page) == ["after", "meanwhile", "before"]
    expect(page.locator("#connection")).to_have_text("Live")


def test_without_kafka_the_page_says_what_is_wrong(page: Page, tmp_path: Path) -> None:
    with WebServer(Settings(bootstrap_servers=NO_KAFKA, data_dir=tmp_path)) as server:
        page.goto(f"http://127.0.0.1:{server.port}/")
        expect(page.locator("#empty")).to_contain_text("No Kafka that can be used answers")
        expect(page.locator("#empty")).to_contain_text("tries again by itself")
        expect(page.locator("#health-body")).to_contain_text("No Kafka that can be used answers")
        expect(page.locator("#sources")).to_contain_text("Loading")
        expect(opened_sources(page)).to_contain_text("No Kafka that can be used answers")


def test_the_page_asks_for_the_token(page: Page, shared_desk: Desk) -> None:
    with WebServer(shared_desk.settings, TELEX_WEB_TOKEN=TOKEN) as server:
        shared_desk.publish(news("a", source="token"))
        page.goto(f"http://127.0.0.1:{server.port}/?source=token")
        field = page.get_by_role("textbox", name="Token")
        field.fill("wrong")
        field.press("Enter")
        expect(page.get_by_text("The token is wrong.")).to_be_visible()
        field.fill(TOKEN)
        field.press("Enter")
        expect(cards(page)).to_have_count(1)


def test_hostile_articles_stay_text_and_stay_small(page: Page, shared_desk: Desk) -> None:
    script = "<img src=x onerror=\"document.title='hacked'\"><script>document.title='hacked'</script>"
    override = "\u202eevil\u202c and \u2066isolated"
    names = {f"Name{number}": "MISC" for number in range(5000)}
    shared_desk.publish(
        article(script, script, id="script", source=script, url="javascript:alert(1)", named={script: "PERSON"}, language="fo"),
        news("bidi", f"{override} text", named={}, towards={}, language="fo"),
        news("large", "A sentence of a megabyte. " * 40_000, named={}, towards={}, language="fo"),
        news("names", " ".join(names), named=names, towards={}, language="fo"),
        news("word", "x" * 5000, named={}, towards={}, language="fo"),
        news("zalgo", "Z" + "\u0301" * 3000, named={}, towards={}, language="fo", source=f"{override}Z" + "\u0301" * 3000),
        odd_analyses("odd", "fo"),
    )  # fmt: skip
    opened(page, shared_desk, "/?language=fo")
    expect(cards(page)).to_have_count(7)
    script_card = page.locator("[data-id=script]")
    assert script_card.locator("h3").inner_text() == script
    assert script_card.locator("img, script, a").count() == 0
    assert "\u202e" not in page.locator("[data-id=bidi]").inner_text()
    assert page.title() == "Telex"
    for identity in ("large", "names", "word", "zalgo"):
        card = page.locator(f"[data-id={identity}]")
        box = card.bounding_box()
        assert box
        assert box["height"] < 400
        assert len(card.inner_html()) < 20_000
    page.locator("[data-id=large]").get_by_role("button", name="More").click()
    assert len(page.locator("[data-id=large] .text").inner_text()) < 2100
    assert page.locator("[data-id=odd] mark").all_inner_texts() == ["Odd"]
    expect(opened_sources(page).get_by_role("rowheader", name=script[:80])).to_be_visible()
    assert "\u202e" not in page.locator("#sources").inner_text()
    row = page.locator("#sources tr", has_text="evil").bounding_box()
    assert row
    assert row["height"] < 100
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert beyond_the_edge(page) == []


def test_ten_thousand_articles_leave_the_tab_as_large_as_a_thousand(page: Page, desk: Desk) -> None:
    opened(page, desk)
    session = page.context.new_cdp_session(page)

    def size() -> tuple[int, float]:
        session.send("HeapProfiler.collectGarbage")
        nodes = page.evaluate("document.querySelectorAll('*').length")
        return nodes, page.evaluate("performance.memory.usedJSHeapSize")

    def has_sent(count: int) -> bool:
        return desk.server.metric("telex_web_events_total") >= count

    def flood(first: int, last: int) -> tuple[int, float]:
        for begin in range(first, last, 1000):
            desk.publish(*(news(str(number)) for number in range(begin, begin + 1000)))
            wait_for(partial(has_sent, begin + 1000), 60)
        desk.publish(news(f"until-{last}"))
        expect(page.locator(f"[data-id=until-{last}]")).to_be_visible()
        return size()

    nodes_before, heap_before = flood(0, 1000)
    nodes_after, heap_after = flood(1000, 10_000)
    assert cards(page).count() == 200
    assert nodes_after <= 1.1 * nodes_before
    assert heap_after <= 2 * heap_before


def test_axe_finds_nothing_serious_in_any_width_and_colour(page: Page, shared_desk: Desk) -> None:
    shared_desk.publish(
        *(
            news(f"x{number}", sentiment=label, source="axe")
            for number, label in enumerate(("negative", "neutral", "positive"))
        )
    )
    opened(page, shared_desk, "/?source=axe")
    expect(cards(page)).to_have_count(3)
    expect(page.locator("#hour-body .row").first).to_be_attached()
    expect(page.locator("#health-body .stages")).to_be_attached()
    expect(opened_sources(page).get_by_role("rowheader").first).to_be_attached()
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for width, scheme in itertools.product(WIDTHS, schemes):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        found = Axe().run(page).response["violations"]
        serious = {
            violation["id"]: [node["html"] for node in violation["nodes"]][:3]
            for violation in found
            if violation["impact"] in ("serious", "critical")
        }
        assert serious == {}
        assert beyond_the_edge(page) == []


def test_the_keyboard_reaches_everything_and_moves_through_the_articles(page: Page, shared_desk: Desk) -> None:
    shared_desk.publish(news("a", source="keys"), news("b", source="keys"))
    opened(page, shared_desk, "/?source=keys")
    expect(cards(page)).to_have_count(2)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the articles"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.dataset.id") == "b"
    page.keyboard.press("PageDown")
    assert page.evaluate("document.activeElement.dataset.id") == "a"
    page.keyboard.press("PageUp")
    assert page.evaluate("document.activeElement.dataset.id") == "b"


def test_the_panels_show_the_last_hour_the_places_and_the_health(page: Page, desk: Desk) -> None:
    desk.publish(*(news(str(number)) for number in range(3)))
    opened(page, desk)
    expect(page.locator("#hour-body .figure")).to_have_text("3 articles")
    expect(page.locator("#hour-body")).to_contain_text("English")
    expect(page.locator("#map-body circle")).to_have_count(1)
    expect(page.locator("#map-body svg")).to_have_attribute("aria-label", re.compile("Berlin"))
    expect(page.locator("#health-body .stages > li")).to_have_count(len(WORKERS))
    expect(page.locator("#health-body")).to_contain_text("no worker: telex worker language")
    expect(page.locator("#stories-body")).to_contain_text("No stories yet")
    page.locator("#hour-body button", has_text="Berlin").focus()
    desk.publish(news("3"))
    expect(page.locator("#hour-body .figure")).to_have_text("4 articles")
    expect(page.locator("#hour-body button", has_text="Berlin")).to_be_focused()
    page.keyboard.press("Enter")
    wait_for(lambda: page.url.endswith("?entity=Berlin"), 10)


def test_the_sources_show_which_are_silent_and_what_was_not_analysed(page: Page, desk: Desk) -> None:
    configure_topic(desk.settings, ENRICHED, {"message.timestamp.type": "CreateTime"})
    for hours in range(3, 48):
        desk.publish(news(f"hourly-{hours}", source="Hourly"), age_s=3600 * (hours + 0.5))
    desk.publish(news("a", source="Ever"), article(None, "Habari.", source="Ever", language="sw", id="b"))
    opened(page, desk)
    page.locator("summary", has_text="Sources").focus()
    page.keyboard.press("Enter")
    sources = page.get_by_role("region", name="Sources")
    expect(sources.locator("p").first).to_have_text("1 of 2 sources silent: Hourly")
    rows = [row.inner_text().split("\t") for row in sources.get_by_role("row").all()]
    assert rows[0] == ["Source", "Language", "Last hour", "Last day", "Last article", "Not analysed"]
    assert rows[1] == ["Hourly", "English", "0", "21", "silent, 3 h ago", ""]
    assert [row[:4] for row in rows[2:]] == [["Ever", "English", "1", "1"], ["Ever", "Swahili", "1", "1"]]
    missing = sources.get_by_role("listitem").all_inner_texts()
    assert missing == ["entities 100 % (text too short)", "sentiment 100 % (text too short)"]
