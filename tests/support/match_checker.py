"""The checker of the matches of a watch: its rules are those of `tests.support.checker`, and a match is an output.

Like that checker it uses no part of Telex that moves records.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from tests.support.checker import Evidence, Record, Verdict, check, identity


def check_matches(
    watch: str,
    source: str,
    records: Sequence[Record],
    matches: Iterable[Record],
    dead: Sequence[Record],
    committed: Mapping[int, int],
) -> Verdict:
    """Test the matches of a watch that every record of its source gives.

    Args:
        watch: the name of the watch.
        source: the topic whose records give matches: the enriched articles; or the stories, for a watch that asks for
            them and so matches in the second pass.
        records: those of the source.
        matches: those of all watches, by partition and offset.
        dead: the dead letters.
        committed: the committed offsets of the group that reads the source, by partition.
    """
    own = [match for match in matches if match.key == watch.encode() or _content(match)[0] == watch]
    partitions = {identity(record): record.partition for record in records}
    outputs = []
    for match in own:
        article = _content(match)[1].encode()
        # An article that the source does not have is in no partition.
        outputs.append(replace(match, partition=partitions.get(article, -1), key=article))
    verdict = check(Evidence({source: records, "matches": outputs}, dead, {source: committed}))
    verdict.breaches += [f"{_content(match)} has the key {match.key!r}" for match in own if match.key != watch.encode()]
    if len(used := {match.partition for match in own}) > 1:
        verdict.breaches.append(f"the matches of {watch} are in the partitions {sorted(used)}")
    return verdict


def _content(match: Record) -> tuple[str, str]:
    """The watch and the article of a match."""
    value = json.loads(match.value or b"")
    return value["watch"], value["article"]["id"]
