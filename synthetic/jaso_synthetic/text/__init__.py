"""Text generation by grammar: conjugation, Hangul arithmetic, lexicon, personas."""
