"""The labels of entity models, and the four types of a record that they mean."""

from __future__ import annotations

from streams.records import EntityType

# CoNLL 2003 and WikiNER (PER, LOC, ORG, MISC), OntoNotes 5 (English, Chinese, Japanese), SUC 3 (Swedish), NKJP
# (Polish), RONEC (Romanian), KLUE (Korean), NorNE and DaNE (Norwegian, Danish). Any other label means something that
# has a name: MISC.
_TYPES: dict[EntityType, str] = {
    "PERSON": "PER PERSON PRS PERSNAME PS",
    "ORGANIZATION": "ORG ORGANIZATION ORGNAME OG GPE_ORG INST",
    "LOCATION": "LOC LOCATION GPE FAC FACILITY PLACENAME GEOGNAME LC GPE_LOC",
}
_TYPE_OF_LABEL = {label: kind for kind, labels in _TYPES.items() for label in labels.split()}
# Amounts and times are not entities: they name nothing.
_AMOUNTS = (
    "DATE TIME PERCENT MONEY QUANTITY ORDINAL CARDINAL TME MSR DT TI QT DATETIME NUMERIC NUMERIC_VALUE PERIOD TIMEX NUM"
)
_NO_ENTITIES = frozenset(_AMOUNTS.split())


def entity_type(label: str) -> EntityType | None:
    """The type of an entity with this label of a model, in any case; None if it is not an entity."""
    label = label.upper()
    return None if label in _NO_ENTITIES else _TYPE_OF_LABEL.get(label, "MISC")
