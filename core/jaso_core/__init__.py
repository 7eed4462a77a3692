"""The ground of jaso: records, files, manifests, registries, prompts and generation. No stage is imported here."""

__version__ = "0.1.0"
