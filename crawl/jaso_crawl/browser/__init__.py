"""The headless browser: finding Chromium, launch, DevTools protocol (CDP), pool."""
