"""Dead letters: their headers, their reader, and their way back to the topic that their records failed on."""
