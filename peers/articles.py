"""The articles of the comparison: the French and English ones in seeds/, which all stages analyse."""

from __future__ import annotations

import itertools

from streams.cli.bench_samples import samples


def sample_articles(count: int) -> list[bytes]:
    """So many articles, repeated where there are fewer."""
    return list(itertools.islice(itertools.cycle(value for _, value in samples()), count))
