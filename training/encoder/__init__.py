"""The training of Telex's multilingual encoder, from packages and labelled text to the files that Telex ships."""
