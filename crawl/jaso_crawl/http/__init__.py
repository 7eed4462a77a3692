"""HTTP: polite client, robots.txt, throttling, encodings, page store."""
