"""Dead letters: their error headers, their reader, and how they are sent back to the topic that their records failed on."""
