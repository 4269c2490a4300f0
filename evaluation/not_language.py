"""Texts that are in no language: made up by chance that is always the same, of what turns up in a stream of news."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable

FIRST = [
    "Jake",
    "Emma",
    "Karine",
    "Lucas",
    "Sofia",
    "Hans",
    "Giulia",
    "Pedro",
    "Olga",
    "Piotr",
    "Lars",
    "Mehmet",
    "Fatima",
    "Wei",
    "Hiroshi",
    "Zoltán",
    "Åsa",
    "Amina",
    "Claire",
]
LAST = [
    "Sullivan",
    "Gallant",
    "Müller",
    "Rossi",
    "García",
    "Silva",
    "Petrov",
    "Nowak",
    "Andersen",
    "Yılmaz",
    "Hassan",
    "Zhang",
    "Tanaka",
    "Nagy",
    "Novák",
    "Smith",
    "Dupont",
]
TICKERS = [
    "AAPL",
    "MSFT",
    "GOOG",
    "AMZN",
    "TSLA",
    "NVDA",
    "META",
    "BRK.B",
    "JPM",
    "WMT",
    "XOM",
    "CVX",
    "AIR.PA",
    "MC.PA",
    "SAP.DE",
    "VOW3.DE",
    "BTC",
    "ETH",
    "EURUSD",
]
CITIES = [
    "Paris",
    "London",
    "Berlin",
    "Madrid",
    "Roma",
    "Lisboa",
    "Wien",
    "Moscow",
    "Tokyo",
    "Cairo",
    "Lagos",
    "Lima",
    "Oslo",
    "Warszawa",
    "Praha",
    "Budapest",
    "Istanbul",
]
_ADDRESSES = (
    "https://www.example.com/the/end-of-the-world?id=7",
    "example.org/news/and/views",
    "www.example.net",
    "desk@example.com",
)
CODE = (
    "def total(rows):\n    return sum(row.price for row in rows)\n",
    "import numpy as np\nfrom os import path\n\nframe = np.load(path.join(root, 'a.npy'))\nprint(frame.shape)",
    "function add(a, b) { return a + b; }\nconst sum = add(1, 2);\nconsole.log(sum);",
    '#include <stdio.h>\nint main(void) {\n  printf("hi\\n");\n  return 0;\n}',
    "public class Main { public static void main(String[] args) { System.out.println(args[0]); } }",
    "if err != nil {\n\treturn nil, err\n}\ndefer file.Close()",
    "git add .\ngit commit\ngit push",
    "try:\n    value = int(text)\nexcept ValueError as error:\n    raise KeyError(text) from error",
    '{"id": 12, "name": "a", "items": [1, 2, 3], "ok": true}',
    "body { margin: 0; padding: 0; font-family: Arial, sans-serif; }",
    "port: 8080\nhost: localhost\nenabled: true\nlevel: debug\n",
)
_MARKUP = (
    '<html><head><meta charset="utf-8"></head><body class="the main"><div id="of"></div></body></html>',
    '<a href="https://example.com/read-more-about-the-story"><img src="/images/the-bridge.jpg" alt=""></a>',
    "<table><tr><td>12</td><td>4.5</td></tr></table>",
    "![](https://example.com/a-picture-of-the-sea.png)\n\n---\n\n[1]: https://example.com",
    '<rss version="2.0"><channel><item><guid isPermaLink="false">8812</guid></item></channel></rss>',
)


def kinds(number: int) -> dict[str, list[str]]:
    """So many texts of each kind; of code and mark-up there are as many as are written here."""
    made = {
        kind: [make(dice) for dice in [random.Random(kind)] for _ in range(number)] for kind, make in _KINDS.items()
    }
    return made | {"code": list(CODE), "mark-up": list(_MARKUP)}


def name(dice: random.Random) -> str:
    """A made-up name of a person."""
    return f"{dice.choice(FIRST)} {dice.choice(LAST)}"


_KINDS: dict[str, Callable[[random.Random], str]] = {
    "numbers": lambda dice: (
        " ".join(str(round(dice.uniform(0, 1e6), dice.randint(0, 3))) for _ in range(dice.randint(1, 60))) + " kg €"
    ),
    "tickers": lambda dice: ", ".join(
        f"${dice.choice(TICKERS)} {dice.uniform(1, 900):.2f}" for _ in range(dice.randint(2, 30))
    ),
    "bare tickers": lambda dice: " ".join(dice.sample(TICKERS, dice.randint(2, 15))),
    "addresses": lambda dice: " ".join(dice.choice(_ADDRESSES) for _ in range(dice.randint(1, 12))),
    "emoji": lambda dice: "".join(dice.choice("😀😂🔥🚀🎉👍🏽🇫🇷⚽") for _ in range(dice.randint(1, 60))) + " ok",
    "base64": lambda dice: base64.b64encode(dice.randbytes(dice.randint(20, 900))).decode(),
    "hexadecimal": lambda dice: " ".join(dice.randbytes(2).hex() for _ in range(dice.randint(5, 200))),
    "random letters": lambda dice: " ".join(
        "".join(dice.choices("abcdefghijklmnopqrstuvwxyz", k=7)) for _ in range(dice.randint(2, 60))
    ),
    "names": lambda dice: ", ".join(name(dice) for _ in range(dice.randint(2, 30))),
    "names line by line": lambda dice: "\n".join(name(dice) for _ in range(dice.randint(2, 30))),
    "cities": lambda dice: ", ".join(dice.sample(CITIES, dice.randint(2, 15))),
}
