"""Lists of feeds in OPML, as feed readers export them (http://opml.org/spec2.opml)."""

from __future__ import annotations

from pathlib import Path
from xml.parsers import expat

from streams.errors import TelexError

MAX_BYTES, MAX_FEEDS = 16 * 2**20, 10_000


def feeds(path: Path) -> list[str]:
    """The addresses of the feeds in an OPML file, each once, in their order.

    Raises:
        TelexError: the file cannot be read, or has no feeds.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise TelexError(f"{path} cannot be read: {error.strerror}. Check its path and its permissions.") from None
    if len(content) > MAX_BYTES:
        raise TelexError(f"{path} has more than {MAX_BYTES // 2**20} MiB: split it.")
    found: dict[str, None] = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        # Programs write xmlUrl, xmlurl and XMLURL.
        address = next((value for key, value in attributes.items() if key.lower() == "xmlurl"), "").strip()
        if name.lower() == "outline" and address:
            found[address] = None

    def refuse_entity(*_: object) -> None:
        raise TelexError(f"{path} declares entities, which no list of feeds needs: it is not read.")

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EntityDeclHandler = refuse_entity
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise TelexError(f"{path} is not OPML ({error}): export the list of feeds again.") from None
    if not found:
        raise TelexError(f"{path} has no feeds: OPML names each in the attribute xmlUrl of an outline.")
    if len(found) > MAX_FEEDS:
        raise TelexError(f"{path} has {len(found):,} feeds, and {MAX_FEEDS:,} is the most: split it.")
    return list(found)
