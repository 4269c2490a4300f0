"""The accuracy of the analyses: tables of figures on labelled text, behind `telex evaluate`."""
