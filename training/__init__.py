"""Makes Telex's own models and lists. It runs in a checkout only; README.md says what each module makes."""
