"""Dead letters: their error headers, their reader, and the way to send them back to the topic they failed on."""
