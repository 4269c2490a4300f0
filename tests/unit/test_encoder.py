"""The multilingual encoder: its pieces, its windows, its tags, and the names that it finds in texts of any script."""

from __future__ import annotations

import itertools
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.encoder import encoder as module
from agents.encoder.decoding import KINDS, TAGS, names
from agents.encoder.encoder import FOLDER, OVERLAP, WINDOW, Encoder, encoder
from agents.encoder.four_bits import BLOCK, unpacked
from agents.encoder.tokenizer import Pieces
from streams.errors import TelexError

# For each language a sentence, a person and a place in it that any reader finds. A name has the endings and the
# prepositions that are written as one word with it, as in the labelled texts.
SENTENCES = {
    "ar": ("وصل إيمانويل ماكرون إلى القاهرة يوم الثلاثاء.", "إيمانويل ماكرون", "القاهرة"),
    "de": ("Angela Merkel reiste am Dienstag nach Hamburg.", "Angela Merkel", "Hamburg"),
    "es": ("Pedro Sánchez viajó el martes a Sevilla.", "Pedro Sánchez", "Sevilla"),
    "fi": ("Presidentti Sauli Niinistö matkusti tiistaina Tukholmaan.", "Sauli Niinistö", "Tukholmaan"),
    "he": ("אנגלה מרקל נחתה בירושלים ביום שלישי.", "אנגלה מרקל", "בירושלים"),
    "hi": ("नरेंद्र मोदी मंगलवार को मुंबई गए।", "नरेंद्र मोदी", "मुंबई"),
    "it": ("Mario Draghi è arrivato martedì a Milano.", "Mario Draghi", "Milano"),
    "ja": ("岸田文雄は火曜日に大阪を訪れた。", "岸田文雄", "大阪"),
    "ko": ("문재인 대통령은 화요일 부산을 방문했다.", "문재인", "부산"),
    "nl": ("Mark Rutte reisde dinsdag naar Rotterdam.", "Mark Rutte", "Rotterdam"),
    "pl": ("Donald Tusk pojechał we wtorek do Krakowa.", "Donald Tusk", "Krakowa"),
    "ru": ("Владимир Путин во вторник приехал в Казань.", "Владимир Путин", "Казань"),
    "tr": ("Recep Tayyip Erdoğan salı günü İzmir'e gitti.", "Recep Tayyip Erdoğan", "İzmir'e"),
    "uk": ("Володимир Зеленський у вівторок приїхав до Львова.", "Володимир Зеленський", "Львова"),
    "zh": ("习近平星期二访问了上海。", "习近平", "上海"),
}


@pytest.mark.parametrize("language", SENTENCES)
def test_it_finds_people_and_places_in_every_script(language: str) -> None:
    text, person, place = SENTENCES[language]
    found = {text[name.start : name.end]: name.kind for name in encoder().names(text)}
    assert found.get(person) == "PER"
    assert found.get(place) == "LOC"


def test_offsets_are_code_points_behind_emoji_and_astral_letters() -> None:
    text = "😀😀 𝒜𝒷𝒸 👨‍👩‍👧‍👦 Angela Merkel besucht Paris."
    assert {text[name.start : name.end] for name in encoder().names(text)} >= {"Angela Merkel", "Paris"}


def test_a_confidence_is_a_probability() -> None:
    found = encoder().names(" ".join(text for text, _, _ in SENTENCES.values()))
    assert all(0 < name.confidence < 1 for name in found)
    assert len({round(name.confidence, 3) for name in found}) > 1


def test_a_text_gives_the_same_names_alone_and_after_others() -> None:
    texts = [text for text, _, _ in SENTENCES.values()]
    model = encoder()
    assert [model.names(text) for text in texts] == [model.names(text) for text in reversed(texts)][::-1]


def test_a_long_text_has_the_names_of_its_sentences() -> None:
    sentence = "Angela Merkel reiste am Dienstag nach Hamburg und traf dort Olaf Scholz. "
    found = encoder().names(sentence * 40)
    texts = [(sentence * 40)[name.start : name.end] for name in found]
    assert texts.count("Angela Merkel") == texts.count("Hamburg") == texts.count("Olaf Scholz") == 40


@pytest.mark.parametrize("text", ["", " ", "\n\t", "!", "​", "a", "\ud83d", "\x00", "🙂" * 300])
def test_a_text_without_a_name_has_none(text: str) -> None:
    assert encoder().names(text) == []


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_the_pieces_of_any_text_stand_in_their_order_inside_of_it(text: str) -> None:
    [pieces] = encoder().tokenizer.read([text])
    last = 0
    for start, end in zip(pieces.starts, pieces.ends, strict=True):
        assert 0 <= start <= end <= len(text)
        assert end >= last
        last = end
        assert start == end or not text[start].isspace()


@pytest.mark.parametrize("length", [1, 100, WINDOW, WINDOW + 1, 2 * WINDOW, 1000])
def test_each_piece_counts_in_one_window(length: int) -> None:
    counted = []
    for window, kept in module._windows(length):
        assert window.stop - window.start <= WINDOW
        counted += list(range(length))[window][kept]
    assert counted == list(range(length))


def test_a_piece_of_a_long_text_has_others_on_both_sides() -> None:
    windows = list(module._windows(3 * WINDOW))
    for (window, kept), (_, following) in itertools.pairwise(windows):
        assert window.stop - window.start - kept.stop >= OVERLAP // 2
        assert following.start >= OVERLAP // 2


def test_a_name_begins_and_ends_at_words() -> None:
    # "Mer", "kel" and "s" are one word, and the model is sure of a name in its first piece only.
    pieces = Pieces([1, 2, 3, 4], [0, 3, 6, 8], [3, 6, 7, 13], [False, True, True, False])
    scores = np.full((4, TAGS), -9.0, np.float32)
    scores[:, 0] = -0.1
    scores[0, 1], scores[0, 0] = -0.01, -9.0
    for name in names(scores, pieces):
        assert (name.start, name.end) in {(0, 7), (0, 13)}


@given(st.lists(st.lists(st.floats(-6, 0), min_size=TAGS, max_size=TAGS), min_size=1, max_size=4))
@settings(deadline=None)
def test_the_tags_are_those_of_the_best_of_all_possible_sequences(rows: list[list[float]]) -> None:
    scores = np.array(rows, np.float32)
    scores -= np.logaddexp.reduce(scores, axis=1)[:, None]
    count = len(rows)
    pieces = Pieces(list(range(count)), list(range(0, 2 * count, 2)), list(range(1, 2 * count, 2)), [False] * count)

    def is_possible(tags: tuple[int, ...]) -> bool:
        pairs = zip((0, *tags), tags, strict=False)
        return all(tag == 0 or tag % 2 or before in (tag, tag - 1) for before, tag in pairs)

    def score(tags: tuple[int, ...]) -> float:
        return float(sum(scores[at, tag] for at, tag in enumerate(tags)))

    best = max(filter(is_possible, itertools.product(range(TAGS), repeat=count)), key=score)
    expected = []
    for at, tag in enumerate(best):
        if tag % 2:
            expected.append([2 * at, 2 * at + 1, KINDS[(tag - 1) // 2]])
        elif tag:
            expected[-1][1] = 2 * at + 1
    found = [[name.start, name.end, name.kind] for name in names(scores, pieces)]
    assert found == expected or np.isclose(score(best), _score_of(found, scores), atol=1e-4)


def _score_of(found: list[list[object]], scores: np.ndarray) -> float:
    tags = [0] * len(scores)
    for start, end, kind in found:
        first, last = int(str(start)) // 2, (int(str(end)) - 1) // 2
        for at in range(first, last + 1):
            tags[at] = (1 if at == first else 2) + 2 * KINDS.index(str(kind))
    return float(sum(scores[at, tag] for at, tag in enumerate(tags)))


def test_numbers_in_four_bits_have_the_scale_of_their_block() -> None:
    packed = bytes([0x80 | 0x0F, *range(1, 16)])  # the first number is 15 - 8, and the seventeenth 8 - 8
    row = np.frombuffer(np.float16(0.5).tobytes() + packed, np.uint8)[None, None]
    numbers = unpacked(row)
    assert numbers.shape == (1, BLOCK)
    assert (numbers[0, 0], numbers[0, 1], numbers[0, 16], numbers[0, 17]) == (3.5, -3.5, 0.0, -4.0)


def test_it_starts_no_thread() -> None:
    program = (
        "import psutil\n"
        "from agents.encoder.encoder import encoder\n"
        "encoder().names('Angela Merkel besucht Paris.')\n"
        "print(psutil.Process().num_threads())"
    )
    environment = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "1", done.stderr


def test_a_file_that_cannot_be_read_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(TelexError, match="install Telex again"):
        Encoder(tmp_path)
    for name in ("encoder.npz", "layers.onnx"):
        (tmp_path / name).write_bytes((FOLDER / name).read_bytes()[:1000])
    with pytest.raises(TelexError, match="install Telex again"):
        Encoder(tmp_path)


def test_the_files_have_at_most_45_megabytes() -> None:
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) < 45e6


def test_it_is_a_component_of_a_spacy_pipeline() -> None:
    from agents.encoder.component import pipeline

    nlp = pipeline()
    for text, _, _ in SENTENCES.values():
        document = nlp(text)
        assert document.text == text
        given_names = [(entity.start_char, entity.end_char, entity.label_) for entity in document.ents]
        assert given_names == [(name.start, name.end, name.kind) for name in encoder().names(text)]
