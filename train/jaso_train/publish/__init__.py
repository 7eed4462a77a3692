"""Publishing a model: export, release rules by licence, provenance, model card."""
