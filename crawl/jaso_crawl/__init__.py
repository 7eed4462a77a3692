"""jaso crawl."""
