"""Named-entity recognition for masking: a tagger model and its entities."""
