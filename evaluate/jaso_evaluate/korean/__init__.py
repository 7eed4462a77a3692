"""Korean text analysis: tokenizers, Kiwi cache, speech levels, length limits."""
