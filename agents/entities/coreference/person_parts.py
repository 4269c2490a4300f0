"""Whether a name may be a part of a person's full name: a surname, a first name, or one with initials."""

from __future__ import annotations

from agents.entities.people.generations import generation, words_without_generation

Words = tuple[str, ...]


def may_be_called(part: Words, name: Words) -> bool:
    """Whether a part of the name, or the name with initials, may mean the person with this name.

    Father and son have one name. A part leaves out the generation only if the rest is one word.

    Args:
        part, name: the words of each, as `NameForms.words` gives them.
    """
    part_words, name_words = words_without_generation(part), words_without_generation(name)
    if generation(part) != generation(name) and (generation(part) or min(len(part_words), len(name_words)) > 1):
        return False
    return _is_part(part_words, name_words)


def _is_part(part: Words, name: Words) -> bool:
    """Whether the name has the words of the part together.

    Or the part leaves out or abbreviates words before the surname.
    """
    if any(name[start : start + len(part)] == part for start in range(len(name) - len(part) + 1)):
        return True
    if len(part) < 2 or part[-1] != name[-1] or not _abbreviates(part[0], name[0]):
        return False
    middle_names = iter(name[1:-1])
    # A part with initials leaves out no name before an initial: "George W. Bush" is not George H. W. Bush.
    return all(
        _abbreviates(word, next(middle_names, ""))
        if len(word) == 1
        else any(_abbreviates(word, full) for full in middle_names)
        for word in part[1:-1]
    )


def _abbreviates(word: str, full: str) -> bool:
    return word == full or (len(word) == 1 and full.startswith(word))
