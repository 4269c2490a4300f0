"""What makes Telex's own models and lists. It runs in a checkout only and is no part of the wheel: README.md says what each module makes."""
