"""`jaso sheet read`: files, validation and parsing of filled score sheets."""
