"""How complete the stream is: the articles of each source and language, and what could not be analysed in them."""
