"""Makes the pictures of the web page in `docs/pictures`: a whole pipeline, articles, and a real browser.

    python -m tests.support.web_pictures

It takes some minutes, and needs Chromium and fonts for the scripts of the articles (`apt-get install chromium
fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji`).
"""

from __future__ import annotations

import json
import shutil
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Literal

from kafka import KafkaProducer
from playwright.sync_api import Browser, Page, expect, sync_playwright

from streams import Publisher
from streams.cli.throwaway import seeds, throwaway_pipeline
from streams.client import article_files
from streams.kafka import stored_records
from streams.settings import Settings
from streams.stages import ENRICHED
from tests.support.broker_changes import configure_topic, set_offset
from tests.support.filtered import article
from tests.support.processes import WorkerProcess, environment, telex, wait_for
from tests.support.web_server import WebServer

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
SCREEN, PHONE = {"width": 1440, "height": 1120}, {"width": 375, "height": 812}
# Seconds until all articles are enriched, and until the page shows a state that only comes with its next questions.
ENRICHED_LIMIT_S, SHOWN_LIMIT_MS = 300, 60_000
# Sources that publish every hour of two days: their languages, and the last hours without an article. One is silent.
HOURLY = {
    "Morning Wire": ("en", 0),
    "Dépêches du Port": ("fr", 0),
    "Global Desk": ("en", 1),
    "Harbour Radio": ("en", 9),
}
HOURS = 47
# The source of the samples that name none.
ARCHIVE = "Example Archive"
# Made up, as the events of the articles are.
NEWS = (
    ("Morning Wire", "Storm closes the port of Marseille", "A storm closed the port of Marseille on Tuesday. Waves of six metres broke over the quays, and the ferries to Corsica stayed in their berths. Benoît Payan, the mayor, asked the people of the city to stay at home."),
    ("Dépêches du Port", "Marseille : le port fermé par la tempête", "Une tempête a fermé mardi le port de Marseille. Des vagues de six mètres ont frappé les quais, et les ferries pour la Corse sont restés à quai. Le maire, Benoît Payan, a demandé aux habitants de rester chez eux."),
    ("Global Desk", "STORM SHUTS MARSEILLE PORT", "A storm closed the port of Marseille on Tuesday. Waves of six metres broke over the quays, and the ferries to Corsica stayed in their berths. Benoît Payan, the mayor, asked everyone to stay at home."),
    ("Global Desk", "Merkel opens Hanse exhibition in Hamburg", "Angela Merkel opened an exhibition on the Hanseatic League in Hamburg on Monday. She thanked the curators for a wonderful collection, which has two hundred pieces from Lübeck, Bergen and Tallinn."),
    ("Elbe-Bote", "Angela Merkel eröffnet Hanse-Ausstellung in Hamburg", "Angela Merkel hat am Montag in Hamburg eine Ausstellung über die Hanse eröffnet. Sie dankte den Kuratoren für eine wunderbare Sammlung mit zweihundert Stücken aus Lübeck, Bergen und Tallinn."),
    ("صحيفة الميناء", "ميركل تفتتح معرضًا في هامبورغ", "افتتحت أنغيلا ميركل معرضًا عن الرابطة الهانزية في مدينة هامبورغ يوم الاثنين، وشكرت القائمين عليه على مجموعة رائعة من القطع."),
    ("Pacific Wire", "Quake damages houses in Wellington 🏚️", "An earthquake damaged two hundred houses in Wellington on Thursday night. Nobody died. Geologists of GNS Science warned of strong aftershocks, and the prime minister, Christopher Luxon, promised help for those who lost their homes."),
    ("Kyiv Daily", "Українські музиканти виступили у Варшаві", "Українські музиканти виступили у Варшаві в суботу. Концерт відкрив мер міста Рафал Тшасковський. Глядачі довго аплодували оркестру з Києва."),
    ("Morning Wire", "Marseille port reopens after storm", "The port of Marseille opened again on Wednesday after a storm had closed it for a day. Benoît Payan, the mayor, said that the ferries to Corsica sail as planned. Insurers expect claims of two million euros."),
)  # fmt: skip


def write_history(settings: Settings) -> None:
    """Write enriched articles of two days, from which the rhythm of each source shows."""
    configure_topic(settings, ENRICHED, {"message.timestamp.type": "CreateTime"})
    producer = KafkaProducer(bootstrap_servers=settings.bootstrap_servers)
    for source, (language, last) in HOURLY.items():
        for hours in range(HOURS, last, -1):
            identity = f"{source} {hours}"
            analyses: dict[str, Any] = {"named": {}, "language": language, "sentiment": "neutral"}
            value = article(None, "Yesterday's news.", source=source, id=identity, **analyses)
            at_ms = int(1000 * (time.time() - 3600 * hours))
            producer.send(settings.topic(ENRICHED), key=identity.encode(), value=value, timestamp_ms=at_ms)
    producer.flush(30)
    producer.close()
    # They are no stories.
    for tp, (_, end) in stored_records.bounds(settings, stored_records.partitions(settings, ENRICHED)).items():
        set_offset(settings, "telex.stories", ENRICHED, tp.partition, end)


def publish(settings: Settings) -> int:
    """Publish the sample articles and the news. Returns their number."""
    texts: list[dict[str, Any]] = [{"source": source, "title": title, "text": text} for source, title, text in NEWS]
    read = (found for path in seeds("pictures") for _, found in article_files.read(path))
    samples = [{"source": ARCHIVE, **(json.loads(found) if isinstance(found, bytes) else found)} for found in read]
    with Publisher(settings) as publisher:
        for each in samples:
            publisher.publish(each)
        publisher.flush()
        for each in texts:
            publisher.publish(each)
    return len(samples) + len(texts)


def opened(browser: Browser, server: WebServer, address: str, screen: dict[str, int], scheme: Any) -> Page:
    page = browser.new_page(viewport=screen, color_scheme=scheme, reduced_motion="reduce", locale="en-GB")  # type: ignore[arg-type]
    expect.set_options(timeout=SHOWN_LIMIT_MS)
    page.goto(f"http://127.0.0.1:{server.port}{address}")
    expect(page.locator("#connection")).to_have_text("Live")
    expect(page.locator("#health-body .stages")).to_be_attached()
    return page


def take(browser: Browser, server: WebServer) -> None:
    """Take the pictures."""
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme in schemes:
        page = opened(browser, server, "/", SCREEN, scheme)
        page.locator("summary", has_text="Sources").click()
        expect(page.locator("#sources")).to_contain_text("silent: Harbour Radio")
        expect(page.locator("#health-body")).to_contain_text("not analysed")
        expect(page.locator("#stories-body details")).not_to_have_count(0)
        expect(page.locator("#watches-body ol li")).not_to_have_count(0)
        page.screenshot(path=PICTURES / f"web-{scheme}.png")
        page.close()
    page = opened(browser, server, "/?language=ar", PHONE, "dark")
    expect(page.locator("#feed .card")).not_to_have_count(0)
    page.screenshot(path=PICTURES / "web-phone.png")
    page.close()


def main() -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with ExitStack() as stack:
        settings = stack.enter_context(throwaway_pipeline("pictures")).settings
        write_history(settings)
        for name in ("stories", "watches"):
            stack.enter_context(WorkerProcess(settings, name, environment(settings)).wait_ready())
        telex(settings, "watch", "add", "storms", "--text", "storm", "--text", "tempête").check_returncode()
        server = stack.enter_context(WebServer(settings))
        count = publish(settings)
        wait_for(lambda: server.json("/hour")["articles"] >= count, ENRICHED_LIMIT_S)
        playwright = stack.enter_context(sync_playwright())
        take(playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"]), server)


if __name__ == "__main__":
    main()
