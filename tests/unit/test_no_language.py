"""What is no language, or too little of one, is called unknown and never guessed."""

import base64
import random

import pytest

from agents.language import MODEL, analyse
from agents.prose import LONG_WINDOW, prose
from streams.records import Article, Language, NotAnalysed

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
CODE = [
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
    '<html><head><meta charset="utf-8"></head><body class="the main"><div id="of"></div></body></html>',
]


def article(text: str, title: str | None = None, declared: str | None = None) -> Article:
    return Article(id="1", text=text, title=title, language=None, declared=declared, fields={})


def language(text: str, title: str | None = None) -> str | None:
    [answer] = analyse([article(text, title)])
    return answer.code if isinstance(answer, Language) else None


def seeded(kind: str) -> list[str]:
    dice = random.Random(kind)
    address = ("https://www.example.com/the/end-of-the-world?id=7", "example.org/news/and/views", "www.example.net", "desk@example.com")
    texts = {
        "numbers": lambda: " ".join(str(round(dice.uniform(0, 1e6), dice.randint(0, 3))) for _ in range(dice.randint(1, 60))) + " kg €",
        "tickers": lambda: ", ".join(f"${dice.choice(TICKERS)} {dice.uniform(1, 900):.2f}" for _ in range(dice.randint(2, 30))),
        "bare tickers": lambda: " ".join(dice.sample(TICKERS, dice.randint(2, 15))),
        "addresses": lambda: " ".join(dice.choice(address) for _ in range(dice.randint(1, 12))),
        "emoji": lambda: "".join(dice.choice("😀😂🔥🚀🎉👍🏽🇫🇷⚽") for _ in range(dice.randint(1, 60))) + " ok",
        "base64": lambda: base64.b64encode(dice.randbytes(dice.randint(20, 900))).decode(),
        "hexadecimal": lambda: " ".join(dice.randbytes(2).hex() for _ in range(dice.randint(5, 200))),
        "random letters": lambda: " ".join("".join(dice.choices("abcdefghijklmnopqrstuvwxyz", k=7)) for _ in range(dice.randint(2, 60))),
        "names": lambda: ", ".join(f"{dice.choice(FIRST)} {dice.choice(LAST)}" for _ in range(dice.randint(2, 30))),
        "names line by line": lambda: "\n".join(f"{dice.choice(FIRST)} {dice.choice(LAST)}" for _ in range(dice.randint(2, 30))),
        "cities": lambda: ", ".join(dice.sample(CITIES, dice.randint(2, 15))),
    }
    return [texts[kind]() for _ in range(40)]


@pytest.mark.parametrize(
    "kind",
    [
        *("numbers", "tickers", "bare tickers", "addresses", "emoji", "base64", "hexadecimal", "random letters"),
        *("names", "names line by line", "cities"),
    ],
)
def test_what_is_no_language_is_unknown(kind: str) -> None:
    texts = seeded(kind)
    assert [text for text in texts if language(text) is not None] == []


@pytest.mark.parametrize("text", CODE)
def test_code_and_settings_are_unknown(text: str) -> None:
    assert language(text) is None


@pytest.mark.parametrize("text", ["習近平、李強、王毅", "김철수, 이영희, 박민수", "محمد علي، أحمد حسن، فاطمة الزهراء"])
def test_names_in_a_script_without_capitals_are_unknown(text: str) -> None:
    assert language(text) is None


@pytest.mark.parametrize("text", ["a", "OK", "Hello", "是的", "x" * 1_000_000, "\u0301", "\x00"])
def test_too_little_to_tell_is_unknown(text: str) -> None:
    assert language(text) is None


def test_nothing_is_read_beyond_the_window() -> None:
    assert prose("1 " * LONG_WINDOW + "Le pont sera rouvert.").words == []


def test_an_unknown_language_says_so_and_by_which_model() -> None:
    assert analyse([article("12 345", declared="fr")]) == [NotAnalysed(reason="language_unknown", model=MODEL, declared="fr")]
