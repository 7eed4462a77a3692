"""Korean text analysis for metrics: tokenizers, Kiwi cache, speech levels, lengths."""
