"""How right the analyses are: tables of figures on labelled text, behind `telex evaluate`."""
