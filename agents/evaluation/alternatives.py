"""What else people use, on the same text: those of these packages that are installed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.metadata import version
from typing import Any

# The language of each text (ISO 639-1), None where it is not told.
Identify = Callable[[Sequence[str]], list[str | None]]

# ISO 639-3 codes and others that have a code of two letters, or mean what the evaluation data calls otherwise.
_CODES = {"no": "nb", "iw": "he", "jw": "jv", "fil": "tl", "zh-cn": "zh", "zh-tw": "zh", "zh-Latn": None, "und": None, "": None}


def languages() -> dict[str, Identify]:
    """The identifiers of languages that are installed, by name and version."""
    return {f"{package} {version(package)}": made for package, make in _LANGUAGES.items() if (made := _if_installed(make))}


def _if_installed(make: Callable[[], Identify]) -> Identify | None:
    try:
        return make()
    except ImportError:
        return None


def _eldc() -> Identify:
    import eldc

    detector = eldc.instance()
    detector.set_scheme("iso639-1")
    return lambda texts: [_code(detector.detect(text)) for text in texts]


def _langdetect() -> Identify:
    langdetect: Any = import_module("langdetect")
    langdetect.DetectorFactory.seed = 0

    def one(text: str) -> str | None:
        try:
            return _code(langdetect.detect(text))
        except langdetect.LangDetectException:
            return None

    return lambda texts: [one(text) for text in texts]


def _lingua() -> Identify:
    lingua: Any = import_module("lingua")
    detector = lingua.LanguageDetectorBuilder.from_all_languages().build()
    found = detector.detect_languages_in_parallel_of
    return lambda texts: [answer and answer.iso_code_639_1.name.lower() for answer in found(list(texts))]


def _cld3() -> Identify:
    cld3: Any = import_module("cld3")
    return lambda texts: [_code(answer.language) if (answer := cld3.get_language(text)) else None for text in texts]


def _code(answer: str | None) -> str | None:
    return _CODES.get(answer or "", answer)


_LANGUAGES: dict[str, Callable[[], Identify]] = {
    "eldc": _eldc,
    "lingua-language-detector": _lingua,
    "cld3-py": _cld3,
    "langdetect": _langdetect,
}
