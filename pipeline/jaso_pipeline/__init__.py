"""The roof of jaso: the command line, the whole chain, and what looks at every stage."""
