"""Trains the multilingual encoder: names, sentiment, and sentiment towards names, with one set of layers.

    python -m training.encoder.train --names FOLDER --sentiment FOLDER --out FOLDER [--layers 6] [--steps 9000]

The first folder holds NAME.train.tsv and NAME.dev.tsv, the second the labelled texts of `evaluation.data`. It needs
the packages of the group `training`. A checkpoint is written every CHECKPOINT_STEPS steps, and the same command goes on
from there. A step takes a second or two of two cores, and half a second of two cores with AMX.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
import wordfreq
from babel import localedata
from torch.nn import functional

from agents.encoder.tokenizer import Tokenizer
from evaluation.data import fold, held_out
from training.encoder import e5_weights, measure
from training.encoder.batches import Batch, Reader, Task
from training.encoder.network import Network, loss_of_names
from training.encoder.texts import Source, news_opinions, news_targets, opinions, sources
from training.encoder.vocabulary import choose, shares

PIECES = 128_000
SHARES: dict[Task, float] = {"names": 0.74, "sentiment": 0.18, "towards": 0.08}
LEARN_RATE, WARM_UP, DECAY, CLIP = 3e-4, 0.05, 0.01, 1.0
CHECKPOINT_STEPS, REPORT_STEPS = 250, 50
# Words of a language that count for its pieces.
COMMON_WORDS = 100_000


def main() -> None:
    """Train until the last step, with checkpoints, and print what the development texts say at each of them."""
    parser = argparse.ArgumentParser(description="Train the multilingual encoder.")
    parser.add_argument("--names", type=Path, required=True, help="folder with NAME.train.tsv and NAME.dev.tsv")
    parser.add_argument("--sentiment", type=Path, required=True, help="folder with the texts that have a sentiment")
    parser.add_argument("--out", type=Path, required=True, help="folder of the checkpoint and of the finished network")
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--steps", type=int, default=9000)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--measure-steps", type=int, default=1000, help="steps between two measurements")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    arguments.out.mkdir(parents=True, exist_ok=True)
    Training(arguments).run()


class Training:
    """The network, its texts and its optimisers."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._arguments = arguments
        self._checkpoint = arguments.out / "checkpoint.pt"
        torch.manual_seed(1)
        dice = random.Random(1)  # noqa: S311 (repeatable, not secret)
        learn = sources(arguments.names, "train")
        model = e5_weights.load()
        kept = _kept(arguments.out / "kept.json", model, learn)
        self.tokenizer = Tokenizer([model.pieces[number] for number in kept])
        self.network = Network(model, kept, arguments.layers)
        del model
        texts, self._measured = opinions(arguments.sentiment)
        for opinion in news_opinions(arguments.sentiment):
            (self._measured if held_out(opinion) else texts).append(opinion)
        targets = news_targets(arguments.sentiment)
        self._measured_targets = [target for target in targets if fold(target, 10) == 0]
        self._names = sources(arguments.names, "dev")
        reader = Reader(self.tokenizer, learn, texts, [each for each in targets if fold(each, 10)], dice)
        self._streams = {task: reader.batches(task) for task in SHARES}
        self._dice = dice
        self._learnt = [weights for weights in self.network.parameters() if weights.requires_grad]
        self._optimiser = torch.optim.AdamW(self._learnt, LEARN_RATE, weight_decay=DECAY, fused=True)
        # Processors with AMX multiply numbers of 16 bits ten times as fast as those of 32 bits.
        self._in_16_bits = bool(torch.cpu.get_capabilities().get("amx_bf16"))
        self._step = 0

    def run(self) -> None:
        """Take the steps that are left."""
        if self._checkpoint.is_file():
            self._resume()
        self.network.train()
        losses: dict[str, float] = {}
        started, pieces = time.monotonic(), 0
        for step in range(self._step + 1, self._arguments.steps + 1):
            self._step = step
            self._set_rate()
            batch = next(self._streams[self._dice.choices(list(SHARES), list(SHARES.values()))[0]])
            loss = self._learn(batch)
            losses[batch.task] = loss + 0.98 * (losses.get(batch.task, loss) - loss)
            pieces += int(batch.mask.sum())
            if self._step % REPORT_STEPS == 0:
                rounded = {task: round(value, 4) for task, value in losses.items()}
                speed = pieces / (time.monotonic() - started)
                print(
                    f"step {self._step} of {self._arguments.steps}: {rounded}, {speed:.0f} pieces a second", flush=True
                )
            if self._step % CHECKPOINT_STEPS == 0:
                self._save(self._checkpoint)
            if self._step % self._arguments.measure_steps == 0:
                self._report()
        self._save(self._arguments.out / "network.pt")

    def _learn(self, batch: Batch) -> float:
        with torch.autocast("cpu", torch.bfloat16, enabled=self._in_16_bits):
            loss = loss_of(self.network, batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self._learnt, CLIP)
        self._optimiser.step()
        self._optimiser.zero_grad()
        return float(loss.detach())

    def _set_rate(self) -> None:
        done = self._step / self._arguments.steps
        factor = min(done / WARM_UP, (1 - done) / (1 - WARM_UP) + 0.01)
        for group in self._optimiser.param_groups:
            group["lr"] = LEARN_RATE * factor

    def _save(self, path: Path) -> None:
        unfinished = path.with_suffix(".unfinished")
        torch.save(
            {
                "step": self._step,
                "network": {name: value for name, value in self.network.state_dict().items() if name != "words.weight"},
                "optimiser": self._optimiser.state_dict(),
            },
            unfinished,
        )
        unfinished.replace(path)

    def _resume(self) -> None:
        saved = torch.load(self._checkpoint, weights_only=True)
        self.network.load_state_dict(saved["network"], strict=False)  # without the embeddings, which do not change
        self._optimiser.load_state_dict(saved["optimiser"])
        self._step = saved["step"]
        # The texts go on in another order than they would have without the break.
        self._dice.seed(self._step)
        print(f"It goes on behind step {self._step}.", file=sys.stderr)

    def _report(self) -> None:
        self.network.eval()
        print(json.dumps({"step": self._step, **measure.figures(
            self.network, self.tokenizer, self._names, self._measured, self._measured_targets
        )}), flush=True)  # fmt: skip
        self.network.train()


def loss_of(network: Network, batch: Batch) -> torch.Tensor:
    """The loss of a batch in its task."""
    states = network.states(batch.ids, batch.mask)
    if batch.task == "names":
        return loss_of_names(network.names(states), batch.labels, batch.without_misc)
    head = network.sentiment if batch.task == "sentiment" else network.towards
    return functional.cross_entropy(head(network.mean(states, batch.chosen)), batch.labels)


def _kept(file: Path, model: e5_weights.E5, learn: Sequence[Source]) -> list[int]:
    """The numbers of the kept pieces, chosen once and then read from the file."""
    if not file.is_file():
        weighted: dict[str, Any] = {
            f"text {source.name}": [(each.text, 1.0) for each in source.sentences] for source in learn
        }
        weighted |= {f"words {code}": list(_words(code)) for code in sorted(wordfreq.available_languages("small"))}
        weighted |= {f"places {code}": places for code in _locales() if (places := _places(code))}
        chosen = choose(model.pieces, list(shares(Tokenizer(model.pieces), weighted).values()), PIECES)
        file.write_text(json.dumps(chosen), "utf-8")
    return list(json.loads(file.read_text("utf-8")))


def _words(language: str) -> Iterator[tuple[str, float]]:
    frequencies = wordfreq.get_frequency_dict(language, "small")
    for word, frequency in sorted(frequencies.items(), key=lambda item: -item[1])[:COMMON_WORDS]:
        yield word, frequency
        # Names are written with a capital.
        yield word.capitalize(), frequency / 10


def _locales() -> list[str]:
    return sorted(code for code in localedata.locale_identifiers() if "_" not in code)


def _places(locale: str) -> list[tuple[str, float]]:
    """The names of countries and languages in Unicode CLDR, for languages of which there is no list of words."""
    data = localedata.load(locale)
    names = {
        name for kind in ("territories", "languages") for name in data.get(kind, {}).values() if isinstance(name, str)
    }
    return [(name, 1.0) for name in sorted(names)]


if __name__ == "__main__":
    main()
